import { InvalidArgumentError, Option } from 'commander'
import { Fault } from '../../shared/fault.js'

export function configOption(): Option {
  return new Option('--config <file>', 'the config file, when it is not the usual one')
}

/** Of an option that may be repeated. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value]
}

/** @throws InvalidArgumentError for what is no count */
export function count(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a number of lines.')
}

/**
 * Tells the command that a person wants run from what stands before it: commander forgets where the `--` was.
 *
 * @param words the invocation
 * @param operands what is left of it without options
 * @throws Fault `usage` when there are more operands than `most` before the `--`
 */
export function splitOperands(
  words: readonly string[],
  operands: readonly string[],
  most: number,
): { before: readonly string[]; command: readonly string[] } {
  const dashes = words.indexOf('--')
  const count = dashes === -1 ? 0 : words.length - dashes - 1
  const before = operands.slice(0, operands.length - count)
  if (before.length <= most) return { before, command: operands.slice(before.length) }
  const extra = before.slice(most).join(' ')
  throw new Fault('usage', `What is "${extra}"?`, 'A command to run comes after two dashes, as in: -- npm run dev')
}
