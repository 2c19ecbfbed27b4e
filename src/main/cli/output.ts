import { styleText } from 'node:util'
import type { Fault } from '../../shared/fault.js'
import { plain } from './escape.js'

type Style = Parameters<typeof styleText>[0]

/** Writes one line to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** Writes one line to standard error: what concerns the person and not the program that reads the output. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Styled where standard output is a terminal and colour is wanted (NO_COLOR, FORCE_COLOR), unchanged elsewhere. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout })
}

/** True where `styled` styles: what others have coloured may keep its colours. */
export function coloursWanted(): boolean {
  return styled('red', '.') !== '.'
}

/** What went wrong on the first line of standard error, what to do about it on the second, details below. */
export function complain(fault: Fault): void {
  const [message = '', ...details] = fault.message.split('\n')
  for (const line of [message, ...(fault.hint === undefined ? [] : [fault.hint]), ...details]) note(plain(line))
}

export interface OutputWatch {
  /** standard output could not be written, and not because its reader had seen enough */
  failed: boolean
}

/**
 * Keeps a closed pipe (`portico logs | head`), a terminal that has gone or a full disk from ending the program: the
 * first two are no failure, and a gateway goes on serving in any case.
 */
export function watchOutput(): OutputWatch {
  const watch = { failed: false }
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (NO_READER.includes(error.code ?? '') || watch.failed) return
    watch.failed = true
    note(`The output could not be written: ${error.code ?? error.message}.`)
  })
  return watch
}

const NO_READER = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED']
