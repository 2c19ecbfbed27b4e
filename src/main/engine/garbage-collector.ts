import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** `minor` collects what is young; `last-resort` also gives memory back to the system. */
export type CollectGarbage = (
  options: { type: 'minor'; execution: 'sync' } | { type: 'major'; execution: 'sync'; flavor: 'last-resort' },
) => void

/**
 * V8's collector, which it hands to the contexts that are made while a flag is up; the process need not be started
 * with it. Where there is none to be had, nothing is collected by hand.
 */
export function garbageCollector(): CollectGarbage {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return typeof collect === 'function' ? (collect as CollectGarbage) : () => {}
}
