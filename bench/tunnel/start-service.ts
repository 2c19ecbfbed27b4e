import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Children } from '../children.ts'
import type { Places } from './contestants.ts'
import { untilPrinted } from './waits.ts'

const PROGRAM = fileURLToPath(new URL('./services.ts', import.meta.url))

/**
 * Starts one of the services that users reach.
 *
 * @param dir for what it prints
 * @returns its port
 */
export async function startService(children: Children, dir: string, name: keyof Places): Promise<number> {
  const log = join(dir, `${name}.log`)
  await children.serve(process.execPath, [PROGRAM, name], log, {})
  return Number(/port (\d+)\n/.exec(await untilPrinted(log, /port \d+\n/))?.[1])
}
