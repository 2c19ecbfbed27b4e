import type { OutputLine } from '../../shared/window-schemas.js'
import { coloursWanted, styled } from './output.js'
import { colouredText, plainText } from './terminal-text.js'

/**
 * One line of a process: when (UTC), where it was written to, the text. `!` marks standard error, `*` what Portico did.
 * `03:04:05.678 | listening on 4123`
 */
export function formatOutput({ time, stream, text }: OutputLine): string {
  const when = styled('dim', time.slice(11, 23))
  if (stream === 'portico') return `${when} ${styled('dim', `* ${plainText(text)}`)}`
  const mark = stream === 'stderr' ? styled('red', '!') : styled('dim', '|')
  return `${when} ${mark} ${coloursWanted() ? colouredText(text) : plainText(text)}`.trimEnd()
}
