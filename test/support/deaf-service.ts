import { spawn } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { onTestFinished } from 'vitest'
import { within } from './wait.js'

/** A process that listens and takes nothing from its queue, which is full. */
export async function startDeafService(): Promise<number> {
  const program = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30_000)
  })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [written] = (await within(once(child.stdout, 'data'), 'the port')) as [Buffer]
  const port = Number(written)
  const waiting = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => {}))
  onTestFinished(() => {
    for (const socket of waiting) socket.destroy()
  })
  await within(once(waiting[0] as net.Socket, 'connect'), 'a place in the queue')
  return port
}
