import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { CASES } from '../cases.ts'
import type { Lab } from '../lab.ts'
import type { CaseResult, Metrics } from '../model.ts'
import type { Options } from '../options.ts'
import { treeCpuMicros, treeRssBytes } from '../proc.ts'
import { measureRounds } from '../rounds.ts'
import {
  direct,
  type Places,
  porticoTlsTunnel,
  porticoTunnel,
  type RunningTunnel,
  sshTunnel,
  type TunnelContestant,
} from './contestants.ts'
import { echoes, transfer, whileReading } from './load.ts'
import { startService } from './start-service.ts'

const CONTESTANTS = [direct, sshTunnel, porticoTunnel, porticoTlsTunnel]
const MANY = 10
/** Node compiles what is hot. */
const WARM_UP_SECONDS = 3

const COLUMNS = [
  ...(['oneBytesPerSecond', 'tenBytesPerSecond', 'spread', 'cpuMillisPerGigabyte'] as const),
  ...(['idleP50Ms', 'idleP99Ms', 'besideP50Ms', 'besideP99Ms', 'nearBytes', 'farBytes'] as const),
]

export interface TunnelEntrant {
  readonly contestant: TunnelContestant
  readonly version: string
  readonly standing:
    | { readonly state: 'ready'; readonly running: RunningTunnel }
    | { readonly state: 'skipped' | 'invalid'; readonly reason: string }
}

/** Starts the services and every tunnel to them that is there. What fails is in the standing and never thrown. */
export async function admitTunnels(lab: Lab): Promise<TunnelEntrant[]> {
  const services = {
    source: await startService(lab.children, lab.dir, 'source'),
    echo: await startService(lab.children, lab.dir, 'echo'),
  }
  const entrants: TunnelEntrant[] = []
  for (const contestant of CONTESTANTS) entrants.push(await admit(lab, contestant, services))
  return entrants
}

export async function measureTunnels(
  lab: Lab,
  options: Options,
  entrants: readonly TunnelEntrant[],
): Promise<CaseResult> {
  if (options.warmUp) {
    await measureRounds(lab, 'warm-up', entrants, 1, async (entrant) => {
      const { bytesPerSecond } = await transfer(running(entrant).places.source, MANY, WARM_UP_SECONDS)
      return { bytesPerSecond }
    })
  }
  const rows = await measureRounds(lab, 'tunnel', entrants, options.rounds, (entrant) =>
    measure(running(entrant), options.seconds),
  )
  return { id: 'tunnel', title: CASES.tunnel.title, columns: COLUMNS, compareBy: null, rows }
}

async function measure({ places, near, far }: RunningTunnel, seconds: number): Promise<Metrics> {
  const ends = [near, far].flatMap((child) => child?.pid ?? [])
  const { p50Ms: idleP50Ms, p99Ms: idleP99Ms } = await echoes(places.echo, seconds)
  const one = await transfer(places.source, 1, seconds)
  const many = await transfer(places.source, MANY, seconds, () => cpuOf(ends))
  const beside = await whileReading(places.source, MANY, () => echoes(places.echo, seconds))
  return {
    oneBytesPerSecond: one.bytesPerSecond,
    tenBytesPerSecond: many.bytesPerSecond,
    spread: many.spread,
    idleP50Ms,
    idleP99Ms,
    besideP50Ms: beside.p50Ms,
    besideP99Ms: beside.p99Ms,
    ...(ends.length > 0 && { cpuMillisPerGigabyte: many.cpuMillisPerGigabyte }),
    ...(near?.pid !== undefined && { nearBytes: await treeRssBytes(near.pid) }),
    ...(far?.pid !== undefined && { farBytes: await treeRssBytes(far.pid) }),
  }
}

async function admit(lab: Lab, contestant: TunnelContestant, services: Places): Promise<TunnelEntrant> {
  const missing = await contestant.missing(lab)
  if (missing !== null) {
    console.error(`SKIPPED ${contestant.name}: ${missing}`)
    return { contestant, version: 'not run', standing: { state: 'skipped', reason: missing } }
  }
  const version = await contestant.version(lab)
  try {
    const running = await contestant.start(lab, await mkdtemp(join(lab.dir, 'tunnel-')), services)
    console.error(`started ${contestant.name} (${version})`)
    return { contestant, version, standing: { state: 'ready', running } }
  } catch (error) {
    if (lab.children.ending) throw error
    const reason = (error as Error).message
    console.error(`INVALID ${contestant.name}: ${reason}`)
    return { contestant, version, standing: { state: 'invalid', reason } }
  }
}

async function cpuOf(pids: readonly number[]): Promise<number> {
  let micros = 0
  for (const pid of pids) micros += await treeCpuMicros(pid)
  return micros
}

function running({ contestant, standing }: TunnelEntrant): RunningTunnel {
  if (standing.state === 'ready') return standing.running
  throw new Error(`${contestant.name} is not running: ${standing.reason}`)
}
