import { shellQuote } from '../../shared/shell-quote.js'
import type { CommonOptions } from './program.js'

/** The words that call this program as it was called: a data directory of one's own has to be named again. */
export function commandWords({ dataDir }: CommonOptions): string {
  const program = process.env.PORTICO_COMMAND ?? 'portico'
  return dataDir === undefined ? program : `${program} --data-dir ${shellQuote(dataDir)}`
}
