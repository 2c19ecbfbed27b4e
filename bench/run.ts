import { mkdir, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { CASES, type CaseId, IDLE_SECONDS } from './cases.ts'
import { backend } from './contestants/backend.ts'
import { caddy, caddyLargePool } from './contestants/caddy.ts'
import { type Contestant, missingProgram, startContestant } from './contestants/contestant.ts'
import { haproxy } from './contestants/haproxy.ts'
import { httpProxy3 } from './contestants/http-proxy-3.ts'
import { nginx } from './contestants/nginx.ts'
import { portico } from './contestants/portico.ts'
import { admit, type Entrant, enter, readIdleMemory } from './entrant.ts'
import { closeLab, type Lab, openLab } from './lab.ts'
import { describeMachine } from './machine.ts'
import { measureLatency, measureMemory, measurePair, measureStart, measureThroughput } from './measure.ts'
import { type CaseResult, PORTICO, type Report } from './model.ts'
import { type Options, parseOptions, USAGE } from './options.ts'
import { renderReport } from './report.ts'
import { judge } from './targets.ts'
import { admitTunnels, measureTunnels, type TunnelEntrant } from './tunnel/measure-tunnel.ts'

const RESULTS = new URL('./results/', import.meta.url)

process.exitCode = await main(process.argv.slice(2))

/** Measures, prints and saves. 0: done, whether the targets hold or not; 1: something of Portico's failed; 2: usage; 130: interrupted. */
async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  if (options === null) return 2
  for (const missing of [await missingProgram('wrk', 'wrk'), await missingProgram('h2load', 'nghttp2-client')]) {
    if (missing === null) continue
    console.error(`bench: ${missing}`)
    return 1
  }
  const lab = await openLab()
  const stop = () => void closeLab(lab)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const report = await measureAll(lab, options)
    console.log(renderReport(report))
    await save(report, resultName(options))
    return porticoFailed(report.cases) ? 1 : 0
  } catch (error) {
    if (!lab.children.ending) throw error
    console.error('bench: interrupted, nothing is saved')
    return 130
  } finally {
    await closeLab(lab)
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function readOptions(args: readonly string[]): Options | null {
  try {
    return parseOptions(args)
  } catch (error) {
    console.error(`bench: ${(error as Error).message}\n\n${USAGE}`)
    return null
  }
}

async function measureAll(lab: Lab, options: Options): Promise<Report> {
  const machine = await describeMachine(lab)
  const tunnels = options.only.includes('tunnel') ? await admitTunnels(lab) : []
  const backendContestant = backend()
  const missing = await backendContestant.missing(lab)
  if (missing !== null) throw new Error(`the backend cannot run: ${missing}`)
  const direct = await startContestant(backendContestant, lab)
  const backendPort = Number(new URL(direct.origins.h1 ?? '').port)

  const entrants = [await enter(lab, backendContestant, direct)]
  const servers = options.only.some((id) => id !== 'tunnel') ? field(backendPort) : []
  for (const contestant of servers) entrants.push(await admit(lab, contestant))
  const idle = await readIdleMemory(lab, entrants, IDLE_SECONDS)

  const results = new Map<CaseId, CaseResult>()
  for (const id of options.only)
    results.set(id, await measureCase(lab, id, options, { entrants, tunnels, backendPort }))
  if (options.only.includes('memory')) results.set('memory', await measureMemory(lab, entrants, idle))

  const cases = options.only.flatMap((id) => results.get(id) ?? [])
  return {
    date: new Date().toISOString(),
    machine,
    rounds: options.rounds,
    seconds: options.seconds,
    partial: options.partial,
    contestants: [
      ...entrants.map(({ contestant, version, tls }) => ({ name: contestant.name, version, tls })),
      ...tunnels.map(({ contestant, version }) => ({ name: contestant.name, version, tls: [] })),
    ],
    cases,
    targets: judge(cases),
  }
}

function field(backendPort: number): Contestant[] {
  return [nginx, haproxy, caddy, caddyLargePool, httpProxy3, portico].map((enter) => enter(backendPort))
}

interface Field {
  readonly entrants: readonly Entrant[]
  readonly tunnels: readonly TunnelEntrant[]
  readonly backendPort: number
}

/** Dispatches to the measurement of the case's kind. */
async function measureCase(
  lab: Lab,
  id: CaseId,
  options: Options,
  { entrants, tunnels, backendPort }: Field,
): Promise<CaseResult> {
  const definition = CASES[id]
  // Garbage of the case before is not this one's to pay for.
  await delay(500)
  switch (definition.kind) {
    case 'throughput':
      return measureThroughput(lab, id, definition, options, entrants)
    case 'latency':
      return measureLatency(lab, id, definition, options, entrants)
    case 'start':
      return measureStart(lab, options, entrants)
    case 'apps':
    case 'policies':
      return measurePair(lab, definition.kind, options, backendPort, entrants)
    case 'tunnel':
      return measureTunnels(lab, options, tunnels)
    case 'memory':
      // Filled in last, when the load is over.
      return { id, title: definition.title, columns: [], compareBy: null, rows: [] }
  }
}

/** One case that was measured by itself, and in full, has a file of its own. */
function resultName({ partial, only, warmUp }: Options): string {
  if (!partial) return 'latest'
  return warmUp && only.length === 1 ? `${only[0]}` : 'partial'
}

async function save(report: Report, name: string): Promise<void> {
  await mkdir(RESULTS, { recursive: true })
  await writeFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify(report, null, 2)}\n`)
  await writeFile(new URL(`${name}.md`, RESULTS), renderReport(report))
  console.error(`saved to bench/results/${name}.json and ${name}.md`)
}

function porticoFailed(cases: readonly CaseResult[]): boolean {
  return cases.some(({ rows }) => rows.some((row) => row.contestant.startsWith(PORTICO) && row.state === 'invalid'))
}
