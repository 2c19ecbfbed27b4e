import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import net from 'node:net'
import { until } from '../wait.js'

export interface BlackHole {
  readonly port: number
  close(): Promise<void>
}

/** Listens, says where, and never runs its event loop again: the kernel queues two connections and drops further SYNs. */
const LISTENER = `
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, server.address().port + '\\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** A port of the loopback on which connections never come about. Linux only. */
export async function startBlackHole(): Promise<BlackHole> {
  const child: ChildProcess = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout as NodeJS.EventEmitter, 'data')) as [Buffer]
  const port = Number(line.toString())
  const fillers = Array.from({ length: 6 }, () => net.connect(port, '127.0.0.1').on('error', () => {}))
  await until(async () => (await synSentTo(port)) >= 1, 'the backlog of the black hole is full')
  for (const filler of fillers) if (filler.connecting) filler.destroy()
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

const SYN_SENT = '02'

/** Number of connections of this machine to a loopback port that still wait for an answer to their SYN. */
export async function synSentTo(port: number): Promise<number> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const table = await readFile('/proc/net/tcp', 'latin1')
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(suffix) && state === SYN_SENT).length
}
