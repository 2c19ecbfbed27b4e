import { plainJson } from './escape.js'
import { formatStatus } from './format-status.js'
import { withEngine } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico status`. */
export async function status(options: CommonOptions & { json?: boolean }): Promise<void> {
  const current = await withEngine(options, (engine) => engine.call('status', {}))
  if (options.json === true) print(plainJson(current))
  else for (const line of formatStatus(current)) print(line)
}
