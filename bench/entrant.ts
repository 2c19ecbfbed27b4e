import { setTimeout as delay } from 'node:timers/promises'
import { type Contestant, type Running, startContestant } from './contestants/contestant.ts'
import type { Lab } from './lab.ts'
import { negotiate, verifyBodies } from './probe.ts'
import { treeRssBytes } from './proc.ts'

/** A contestant of this run: started and ready, or out of it with the reason. */
export interface Entrant {
  readonly contestant: Contestant
  readonly version: string
  readonly standing: Standing
  /** what each protocol negotiated, for the report */
  readonly tls: readonly string[]
}

export type Standing =
  | { readonly state: 'ready'; readonly running: Running }
  | { readonly state: 'skipped' | 'invalid'; readonly reason: string }

/** Starts a contestant that is there, and skips one that is not. What fails is in the standing and never thrown. */
export async function admit(lab: Lab, contestant: Contestant): Promise<Entrant> {
  const missing = await contestant.missing(lab)
  if (missing === null) return enter(lab, contestant)
  console.error(`SKIPPED ${contestant.name}: ${missing}`)
  return { contestant, version: 'not run', standing: { state: 'skipped', reason: missing }, tls: [] }
}

/** Starts a contestant without asking whether it is there, or takes the one that is `running`. */
export async function enter(lab: Lab, contestant: Contestant, running?: Running): Promise<Entrant> {
  const version = await contestant.version(lab)
  try {
    const ready = running ?? (await startContestant(contestant, lab))
    console.error(`started ${contestant.name} (${version}) in ${Math.round(ready.startMs)} ms`)
    return { contestant, version, standing: { state: 'ready', running: ready }, tls: await readTls(lab, ready) }
  } catch (error) {
    if (lab.children.ending) throw error
    const reason = (error as Error).message
    console.error(`INVALID ${contestant.name}: ${reason}`)
    return { contestant, version, standing: { state: 'invalid', reason }, tls: [] }
  }
}

/** Resident bytes of each ready contestant after `seconds` without a request; then checks that each answers correctly. */
export async function readIdleMemory(
  lab: Lab,
  entrants: Entrant[],
  seconds: number,
): Promise<ReadonlyMap<string, number>> {
  await delay(seconds * 1000)
  const idle = new Map<string, number>()
  for (const [index, entrant] of entrants.entries()) {
    const { standing, contestant } = entrant
    if (standing.state !== 'ready') continue
    idle.set(contestant.name, await treeRssBytes(standing.running.pid))
    const reason = await findWrongAnswer(lab, standing.running)
    if (reason === null) continue
    console.error(`INVALID ${contestant.name}: ${reason}`)
    entrants[index] = { ...entrant, standing: { state: 'invalid', reason } }
  }
  return idle
}

async function readTls(lab: Lab, { origins, protocols }: Running): Promise<string[]> {
  const found: string[] = []
  for (const protocol of protocols) {
    const origin = origins[protocol]
    if (origin?.startsWith('https:')) found.push(await negotiate(origin, protocol, lab))
  }
  return found
}

async function findWrongAnswer(lab: Lab, { origins, protocols }: Running): Promise<string | null> {
  try {
    for (const protocol of protocols) await verifyBodies(origins[protocol] ?? '', protocol, lab)
    return null
  } catch (error) {
    return (error as Error).message
  }
}
