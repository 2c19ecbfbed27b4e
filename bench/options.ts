import { parseArgs } from 'node:util'
import { CASE_IDS, type CaseId, isCaseId } from './cases.ts'

export interface Options {
  /** how often each contestant is measured per case; the median counts */
  readonly rounds: number
  /** length of one measurement */
  readonly seconds: number
  /** whether each case begins with load that is not measured */
  readonly warmUp: boolean
  readonly only: readonly CaseId[]
  /** true when the result is no full measurement and must not replace the saved one */
  readonly partial: boolean
}

export const USAGE = `usage: npm run bench -- [--rounds N] [--seconds N] [--only CASE[,CASE…]] [--quick]

  --rounds N    measurements per contestant and case, the median counts (default 3)
  --seconds N   length of one measurement in whole seconds (default 5)
  --only CASE   only these cases: ${CASE_IDS.join(' ')}
  --quick       one round of one second without warm-up: shows that everything runs, measures nothing

A full run is saved to bench/results/latest.{json,md}, one of a single case to files with that case's name, any other
one with --quick or --only to bench/results/partial.{json,md}.`

/** Reads the command line. Throws RangeError or the TypeError of `parseArgs` with one sentence for a wrong one. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
    },
  })
  const only = (values.only ?? []).flatMap((text) => text.split(',')).map(knownCase)
  return {
    rounds: wholeNumber('rounds', values.rounds ?? (values.quick ? '1' : '3'), 100),
    seconds: wholeNumber('seconds', values.seconds ?? (values.quick ? '1' : '5'), 600),
    warmUp: !values.quick,
    only: only.length === 0 ? CASE_IDS : CASE_IDS.filter((id) => only.includes(id)),
    partial: values.quick || only.length > 0,
  }
}

function knownCase(text: string): CaseId {
  if (!isCaseId(text)) throw new RangeError(`unknown case "${text}"; there are ${CASE_IDS.join(', ')}`)
  return text
}

function wholeNumber(name: string, text: string, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`--${name} must be a whole number from 1 to ${most}, not "${text}"`)
  }
  return value
}
