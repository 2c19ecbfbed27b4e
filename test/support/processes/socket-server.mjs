/** An app of the tests: a WebSocket echo on PORT, --after=MS later; ends at the message "crash". */
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocketServer } from 'ws'

const after = process.argv.find((text) => text.startsWith('--after='))?.slice(8) ?? '0'
await delay(Number(after))
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env.PORT) })
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
