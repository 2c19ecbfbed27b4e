import net, { type AddressInfo, type Server } from 'node:net'

/** What users reach through each tunnel, as a process of its own: one that sends without end, and one that echoes. */

const CHUNK = Buffer.alloc(256 * 1024, 7)

const source = net.createServer((socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(CHUNK));
  }
  socket.on('error', () => {}).on('drain', more)
  more()
})
const echo = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {}).pipe(socket)
})

console.log(JSON.stringify({ source: await listen(source), echo: await listen(echo) }))

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
