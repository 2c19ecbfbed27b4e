import { registerHooks } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as double from './electron-double.ts'
import { children } from './utility-process.ts'

/**
 * The built main bundle in plain Node, its `electron` answered by the double. The test that forked this process sends
 * functions to be run here or in the page.
 */
export interface Host {
  electron: typeof double
  /** the engine's process ids */
  engines(): number[]
}

const DOUBLE = new URL('./electron-double.ts', import.meta.url).href
const host: Host = { electron: double, engines: () => [...children].map(({ pid }) => pid ?? 0) }

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: DOUBLE, shortCircuit: true } : next(specifier, context),
})

process.on('message', async (request: { id: number; where: 'page' | 'shell'; source: string; argument: unknown }) => {
  const { id, where, source, argument } = request
  try {
    const value = where === 'page' ? await inPage(source, argument) : await inShell(source, argument)
    process.send?.({ id, value })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
})
// The test is gone, and with it whoever would end this.
process.on('disconnect', () => process.exit(1))

await import(pathToFileURL(path.resolve(import.meta.dirname, '../../../out/main/index.js')).href)

function inPage(source: string, argument: unknown): Promise<unknown> {
  const page = [...double.BrowserWindow.all][0]?.page
  if (page == null) throw new Error('there is no window')
  return page.evaluate(`(${source})(${JSON.stringify(argument)})`)
}

async function inShell(source: string, argument: unknown): Promise<unknown> {
  const run = new Function(`return (${source})`)() as (host: Host, argument: unknown) => unknown
  return run(host, argument)
}
