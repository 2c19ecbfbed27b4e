import type { Lab } from './lab.ts'
import type { Metrics, Row } from './model.ts'
import { medianMetrics } from './statistics.ts'

/** As far as measuring in turn is concerned. */
export interface Competitor {
  readonly contestant: { readonly name: string }
  readonly standing: { readonly state: 'ready' } | { readonly state: 'skipped' | 'invalid'; readonly reason: string }
}

/**
 * Measures every contestant once per round, each round beginning with another, so that drift of the machine hits all
 * alike. A contestant whose measurement fails is invalid from then on; the others go on. Rejects only when the run is
 * being ended.
 */
export async function measureRounds<T extends Competitor>(
  lab: Lab,
  label: string,
  entrants: readonly T[],
  rounds: number,
  measure: (entrant: T) => Promise<Metrics>,
): Promise<Row[]> {
  const found = new Map<T, Metrics[]>()
  const failed = new Map<T, string>()
  for (let round = 0; round < rounds; round++) {
    for (const entrant of rotate(entrants, round)) {
      if (entrant.standing.state !== 'ready' || failed.has(entrant)) continue
      try {
        const metrics = await measure(entrant)
        found.set(entrant, [...(found.get(entrant) ?? []), metrics])
        console.error(`${label} ${round + 1}/${rounds}: ${entrant.contestant.name}${describe(metrics)}`)
      } catch (error) {
        if (lab.children.ending) throw error
        failed.set(entrant, (error as Error).message)
        console.error(`${label} ${round + 1}/${rounds}: INVALID ${entrant.contestant.name}: ${failed.get(entrant)}`)
      }
    }
  }
  return entrants.map((entrant) => toRow(entrant, found.get(entrant) ?? [], failed.get(entrant)))
}

/** Moves the first `by` to the end. */
export function rotate<T>(items: readonly T[], by: number): T[] {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

function toRow({ contestant, standing }: Competitor, rounds: readonly Metrics[], failure: string | undefined): Row {
  const { name } = contestant
  if (standing.state !== 'ready') return { contestant: name, state: standing.state, reason: standing.reason }
  if (failure !== undefined) return { contestant: name, state: 'invalid', reason: failure }
  return { contestant: name, state: 'measured', median: medianMetrics(rounds), rounds }
}

function describe({ requestsPerSecond, p95Ms }: Metrics): string {
  const rate = requestsPerSecond === undefined ? '' : `, ${Math.round(requestsPerSecond)} requests/s`
  return p95Ms === undefined ? rate : `${rate}, p95 ${p95Ms.toFixed(2)} ms`
}
