import { plain } from '../escape.js'
import { withEngine } from '../locate.js'
import { print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { formatShares, viaOf } from './format-shares.js'

/** `portico shares` */
export async function listShares(options: CommonOptions & { json?: boolean }): Promise<void> {
  const shares = await withEngine(options, (engine) => engine.call('share.list', {}))
  if (options.json === true) print(JSON.stringify(shares, null, 2))
  else for (const line of formatShares(shares)) print(line)
}

/** `portico shares stop` */
export async function stopShare(id: string, options: CommonOptions): Promise<void> {
  const { app, via } = await withEngine(options, (engine) => engine.call('share.stop', { id }))
  print(plain(`"${app}" is not shared by ${viaOf(via)} any more.`))
}
