import { type ChildProcess, fork as forkChild } from 'node:child_process'
import { EventEmitter } from 'node:events'
import type { ForkOptions } from 'electron'
import { strict } from './strict.ts'

const SHIM = new URL('./parent-port-shim.ts', import.meta.url).href

/** Every process that was forked and has not ended. */
export const children = new Set<ChildProcess>()

/** `utilityProcess.fork` as a plain child process of the same Node, with `process.parentPort` put in its place. */
export function fork(modulePath: string, args: string[] = [], options: ForkOptions = {}): EventEmitter {
  const { serviceName: _, ...unknown } = options
  if (Object.keys(unknown).length > 0) throw new Error(`fork options ${Object.keys(unknown)} are not implemented`)
  const child = forkChild(modulePath, args, { execArgv: ['--import', SHIM], serialization: 'advanced' })
  children.add(child)
  const events = new EventEmitter()
  child.on('spawn', () => events.emit('spawn'))
  child.on('message', (message) => events.emit('message', message))
  child.on('exit', (code) => {
    children.delete(child)
    // The status of a process that a signal ended is not 0.
    events.emit('exit', code ?? 9)
  })
  const methods = {
    pid: child.pid,
    postMessage: (message: unknown) => void (child.connected && child.send(message as object)),
    kill: () => child.kill('SIGTERM'),
  } satisfies Partial<Omit<Electron.UtilityProcess, keyof NodeJS.EventEmitter>>
  return strict('UtilityProcess', Object.assign(events, methods))
}
