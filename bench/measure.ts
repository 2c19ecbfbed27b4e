import { CASES, type CaseId, type LatencyCase, MANY_APPS, type Protocol, type ThroughputCase } from './cases.ts'
import { startContestant } from './contestants/contestant.ts'
import { type PorticoTrim, portico } from './contestants/portico.ts'
import { type Entrant, enter } from './entrant.ts'
import type { Lab } from './lab.ts'
import { runH2load, runH2loadAtRate } from './load/h2load.ts'
import type { LoadResult } from './load/load.ts'
import { runWrk } from './load/wrk.ts'
import {
  type CaseResult,
  DIRECT,
  MANY,
  type Metrics,
  NO_POLICIES,
  ONE_APP,
  POLICIES,
  PORTICO,
  type Row,
} from './model.ts'
import type { Options } from './options.ts'
import { treeCpuMicros, treeRssBytes } from './proc.ts'
import { measureRounds } from './rounds.ts'

/** Node compiles what is hot and pools fill up, over some forty thousand requests; no round shall pay for that. */
const WARM_UP_SECONDS = 4

/** The two differ by less than one measurement does from the next, so there are more of them. */
const LEAST_PAIR_ROUNDS = 5

/** Asks in the measurements of policies, so that CORS has something to do. */
const OTHER_ORIGIN = 'https://other.localhost'

/** Generous limits: what they cost is measured, not what they refuse. */
const FOUR_POLICIES: PorticoTrim = {
  name: POLICIES,
  accessLog: true,
  policies: {
    rateLimit: { rate: '1000000/s' },
    cors: { origins: [OTHER_ORIGIN] },
    securityHeaders: { preset: 'production-like' },
  },
}

export async function measureThroughput(
  lab: Lab,
  id: CaseId,
  load: ThroughputCase,
  options: Options,
  entrants: readonly Entrant[],
): Promise<CaseResult> {
  const fit = speaking(load.protocol, entrants)
  await warmUp(lab, fit, load, options)
  const rows = await measureRounds(lab, id, fit, options.rounds, (entrant) =>
    withCpu(entrant, () => runLoad(lab, load, entrant, options.seconds)),
  )
  const percentiles = load.protocol === 'h1' ? (['p50Ms', 'p95Ms', 'p99Ms'] as const) : []
  const columns = ['requestsPerSecond', 'bytesPerSecond', ...percentiles, 'cpuMicrosPerRequest'] as const
  return { id, title: load.title, columns, compareBy: load.metric, rows }
}

export async function measureLatency(
  lab: Lab,
  id: CaseId,
  load: LatencyCase,
  options: Options,
  entrants: readonly Entrant[],
): Promise<CaseResult> {
  const fit = speaking(load.protocol, entrants)
  await warmUp(lab, fit, CASES[load.protocol === 'h1' ? 'h1-1k' : 'h2-1k'], options)
  const rows = await measureRounds(lab, id, fit, options.rounds, (entrant) =>
    withCpu(entrant, () => runH2loadAtRate(lab, url(entrant, load), load, options.seconds)),
  )
  const columns = ['p50Ms', 'p95Ms', 'p99Ms', 'addedP95Ms', 'cpuMicrosPerRequest'] as const
  return { id, title: load.title, columns, compareBy: null, rows: withAddedP95(rows) }
}

/** Starts each contestant afresh, with no files of an earlier start. */
export async function measureStart(lab: Lab, options: Options, entrants: readonly Entrant[]): Promise<CaseResult> {
  const fit = entrants.filter(({ contestant }) => contestant.name !== DIRECT)
  const rows = await measureRounds(lab, 'start', fit, options.rounds, async ({ contestant }) => {
    const { child, startMs } = await startContestant(contestant, lab)
    await lab.children.end(child)
    return { startMs }
  })
  return { id: 'start', title: CASES.start.title, columns: ['startMs'], compareBy: null, rows }
}

/** Alternates between instances of Portico that differ in one thing. */
export async function measurePair(
  lab: Lab,
  id: 'apps' | 'policies',
  options: Options,
  backendPort: number,
  entrants: readonly Entrant[],
): Promise<CaseResult> {
  const columns = ['requestsPerSecond', 'cpuMicrosPerRequest', 'p95Ms', 'startMs', 'loadedBytes'] as const
  const base = { id, title: CASES[id].title, columns, compareBy: null } as const
  const trims =
    id === 'apps' ? [{ name: ONE_APP }, { name: MANY, apps: MANY_APPS }] : [{ name: NO_POLICIES }, FOUR_POLICIES]
  const standing = entrants.find(({ contestant }) => contestant.name === PORTICO)?.standing
  if (standing === undefined || standing.state !== 'ready') {
    const { state, reason } = standing ?? ({ state: 'skipped', reason: 'not in this run' } as const)
    return { ...base, rows: trims.map(({ name }) => ({ contestant: name ?? PORTICO, state, reason })) }
  }
  const pair: Entrant[] = []
  for (const trim of trims) pair.push(await enter(lab, portico(backendPort, trim)))
  const load = CASES['h1-1k']
  const rounds = options.warmUp ? Math.max(options.rounds, LEAST_PAIR_ROUNDS) : options.rounds
  await warmUp(lab, pair, load, options)
  const rows = await measureRounds(lab, id, pair, rounds, async (entrant) => {
    const target = url(entrant, load)
    const metrics = await withCpu(entrant, () => runWrk(lab, target, load.connections, options.seconds, OTHER_ORIGIN))
    const { pid, startMs } = running(entrant)
    return { ...metrics, startMs, loadedBytes: await treeRssBytes(pid) }
  })
  for (const { standing } of pair) if (standing.state === 'ready') await lab.children.end(standing.running.child)
  return { ...base, rows }
}

/** To be called last: `idle` was read before the load, by contestant. */
export async function measureMemory(
  lab: Lab,
  entrants: readonly Entrant[],
  idle: ReadonlyMap<string, number>,
): Promise<CaseResult> {
  const fit = entrants.filter(({ contestant }) => contestant.name !== DIRECT)
  const rows = await measureRounds(lab, 'memory', fit, 1, async (entrant) => {
    const loadedBytes = await treeRssBytes(running(entrant).pid)
    return { idleBytes: idle.get(entrant.contestant.name) ?? 0, loadedBytes }
  })
  return { id: 'memory', title: CASES.memory.title, columns: ['idleBytes', 'loadedBytes'], compareBy: null, rows }
}

/** A failure here shows again in the first round, which reports it. */
async function warmUp(lab: Lab, entrants: readonly Entrant[], load: ThroughputCase, options: Options): Promise<void> {
  if (!options.warmUp) return
  await measureRounds(lab, 'warm-up', entrants, 1, async (entrant) => {
    return (await runLoad(lab, load, entrant, WARM_UP_SECONDS)).metrics
  })
}

function runLoad(lab: Lab, load: ThroughputCase, entrant: Entrant, seconds: number): Promise<LoadResult> {
  const target = url(entrant, load)
  return load.protocol === 'h1' ? runWrk(lab, target, load.connections, seconds) : runH2load(lab, target, load, seconds)
}

async function withCpu(entrant: Entrant, load: () => Promise<LoadResult>): Promise<Metrics> {
  const { pid } = running(entrant)
  const before = await treeCpuMicros(pid)
  const { requests, metrics } = await load()
  return { ...metrics, cpuMicrosPerRequest: ((await treeCpuMicros(pid)) - before) / requests }
}

function withAddedP95(rows: readonly Row[]): Row[] {
  const direct = rows.find(({ contestant }) => contestant === DIRECT)
  const base = direct?.state === 'measured' ? direct.median.p95Ms : undefined
  return rows.map((row) => {
    if (base === undefined || row.state !== 'measured' || row.median.p95Ms === undefined || row === direct) return row
    return { ...row, median: { ...row.median, addedP95Ms: row.median.p95Ms - base } }
  })
}

function speaking(protocol: Protocol, entrants: readonly Entrant[]): Entrant[] {
  return entrants.filter(({ contestant }) => contestant.protocols.includes(protocol))
}

function url(entrant: Entrant, load: { readonly protocol: Protocol; readonly path: string }): string {
  return `${running(entrant).origins[load.protocol]}${load.path}`
}

function running({ contestant, standing }: Entrant) {
  if (standing.state === 'ready') return standing.running
  throw new Error(`${contestant.name} is not running: ${standing.reason}`)
}
