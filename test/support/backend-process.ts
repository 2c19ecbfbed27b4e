import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A small HTTP server in a process of its own, which can be killed and started again on its port. */
export interface BackendProcess {
  readonly port: number
  readonly url: string
  /** SIGKILL, in the middle of whatever it does; resolves when it is gone */
  kill(): Promise<void>
  /** resolves when it listens */
  start(): Promise<void>
}

const SERVER = `
const http = require('node:http')
process.stdin.resume().on('end', () => process.exit())
const answer = Buffer.alloc(1024, 'x')
http.createServer((request, response) => {
  setImmediate(() => response.writeHead(200, { 'content-length': answer.length, 'x-port': process.argv[1] }).end(answer))
}).listen(Number(process.argv[1]), '127.0.0.1', function () { console.log(this.address().port) })
`

/** It ends with this process, whatever becomes of that: its standard input closes. */
export async function startBackendProcess(): Promise<BackendProcess> {
  let child: ChildProcess | null = null
  const launch = async (port: number): Promise<number> => {
    const next = spawn(process.execPath, ['-e', SERVER, '--', String(port)], { stdio: ['pipe', 'pipe', 'inherit'] })
    child = next
    const [line] = (await once(next.stdout, 'data')) as [Buffer]
    return Number(line)
  }
  const port = await launch(0)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    start: async () => void (await launch(port)),
    kill: async () => {
      const gone = child
      if (gone === null || gone.exitCode !== null || gone.signalCode !== null) return
      const exit = once(gone, 'exit')
      gone.kill('SIGKILL')
      await exit
    },
  }
}
