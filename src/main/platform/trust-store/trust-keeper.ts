import { createHash } from 'node:crypto'
import { Fault } from '../../../shared/fault.js'
import { makePlan, type Plan, type PlanOutcome } from '../../../shared/plan.js'
import type { TrustAction, TrustOutcome, TrustPlan, TrustStoreStatus } from '../../../shared/trust-schemas.js'
import type { ElevationWay } from '../elevation/choose-elevation.js'
import { elevationWay } from '../elevation/elevate.js'
import { applyPlans } from '../plan/apply-plan.js'
import { runtimeVariables } from './bundle.js'
import { findStores } from './find-stores.js'
import { LookMemory } from './look-memory.js'
import type { Machine } from './machine.js'
import { readCertificate, type TrustCa } from './pem.js'
import { storeStatus } from './store-status.js'
import type { Look, TrustEntry, TrustStore } from './trust-store.js'

/** The local CA, as whoever has it knows it. */
export interface LocalCa {
  pem: string
  /** absolute; its certificate */
  certFile: string
  /** SHA-256 of the CAs whose place it has taken, colon-separated upper-case hex */
  former?: readonly string[]
}

interface KnownCa extends TrustCa {
  former: ReadonlySet<string>
}

interface Seen {
  store: TrustStore
  look: Look
}

/** Looks after the trust of this machine in the local CA, all its stores at once. */
export class TrustKeeper {
  readonly #machine: Machine
  readonly #way: () => Promise<ElevationWay | null>
  readonly #memory = new LookMemory()
  /** changes are made one after the other */
  #changes: Promise<unknown> = Promise.resolve()

  /** @param way how to get an administrator's rights; unless told, the way that suits a person at the terminal */
  constructor(machine: Machine, way?: () => Promise<ElevationWay | null>) {
    this.#machine = machine
    this.#way = way ?? (() => elevationWay(machine.platform, machine.env, machine.run, false))
  }

  /** How every store stands to the CA. */
  async status(local: LocalCa): Promise<TrustStoreStatus[]> {
    const ca = trustCa(local)
    const stores = await findStores(this.#machine, this.#memory)
    return (await lookAt(stores, ca)).map(({ store, look }) => storeStatus(store, look, ca))
  }

  /**
   * What an action would do, without doing it.
   *
   * @param selection ids of stores or their families; every store that is not optional unless told
   * @throws Fault `not-found` when the selection names a store that is not here
   */
  async plan(action: TrustAction, local: LocalCa, selection?: readonly string[]): Promise<TrustPlan> {
    const ca = trustCa(local)
    const chosen = choose(await findStores(this.#machine, this.#memory), selection, action)
    return planFor(action, ca, await lookAt(chosen, ca))
  }

  /**
   * Does what `plan` has told.
   *
   * @param id of the plan that was seen
   * @throws Fault `conflict` when the same would now be another plan; nothing is done then
   */
  apply(action: TrustAction, local: LocalCa, id: string, selection?: readonly string[]): Promise<TrustOutcome> {
    const change = this.#changes.then(async () => {
      const plan = await this.plan(action, local, selection)
      if (plan.id === id) return this.#carryOut(plan, trustCa(local))
      throw new Fault('conflict', 'The trust stores have changed since the plan was made.', 'Look at the new plan.')
    })
    this.#changes = change.catch(() => undefined) // told to who asked
    return change
  }

  /** What makes runtimes with trust of their own accept the CA, as environment variables. @param dataDir absolute */
  variables(local: LocalCa, dataDir: string): Promise<Record<string, string>> {
    return runtimeVariables(this.#machine, local, dataDir)
  }

  async #carryOut({ action, stores, elevated }: TrustPlan, ca: KnownCa): Promise<TrustOutcome> {
    const way = elevated ? await this.#way() : null
    const outcomes = await applyPlans(
      stores.map(({ plan }) => plan),
      { way, run: this.#machine.run },
    )
    const changed = new Set(stores.map(({ id }) => id))
    const found = await findStores(this.#machine, this.#memory)
    const after = await lookAt(
      found.filter(({ id }) => changed.has(id)),
      ca,
    )
    const told = stores.map(({ id, title }, index) => {
      const seen = after.find(({ store }) => store.id === id)
      const look = seen?.look ?? { found: false, known: true, because: 'It is not there any more.' }
      const status = storeStatus(seen?.store ?? { id, title, optional: false }, look, ca)
      return { id, title, outcome: verified(action, outcomes[index]!, look, ca), status }
    })
    return { ok: told.every(({ outcome }) => outcome.state === 'done'), stores: told }
  }
}

function lookAt(stores: readonly TrustStore[], ca: TrustCa): Promise<Seen[]> {
  return Promise.all(stores.map(async (store) => ({ store, look: await store.look(ca) })))
}

function trustCa({ pem, certFile, former }: LocalCa): KnownCa {
  const found = readCertificate(pem)
  if (found === null) throw new Fault('certificate-invalid', `${certFile} is not a certificate.`)
  return { ...found, file: certFile, former: new Set(former) }
}

async function planFor(action: TrustAction, ca: KnownCa, chosen: readonly Seen[]): Promise<TrustPlan> {
  const alongside = new Set(chosen.map(({ store }) => store.id))
  const stores: TrustPlan['stores'] = []
  for (const { store, look } of chosen) {
    const { id, title } = store
    const plan = await storePlan(action, { store, look, ca, alongside })
    if (plan !== null) stores.push({ id, title, plan })
  }
  const id = createHash('sha256')
    .update(JSON.stringify({ action, ca: ca.fingerprint, stores }))
    .digest('hex')
  return { id, action, elevated: stores.some(({ plan }) => plan.elevated), stores }
}

/** An optional store is left alone unless it is named, or has what is to be taken out. */
function choose(
  stores: readonly TrustStore[],
  selection: readonly string[] | undefined,
  action: TrustAction,
): readonly TrustStore[] {
  if (selection === undefined || selection.length === 0) {
    return stores.filter(({ optional }) => !optional || action !== 'install')
  }
  const named = (name: string) => stores.filter(({ id }) => id === name || id.startsWith(`${name}:`))
  const unknown = selection.find((name) => named(name).length === 0)
  if (unknown === undefined) return stores.filter((one) => selection.some((name) => named(name).includes(one)))
  const known = stores.map(({ id }) => id).join(', ')
  throw new Fault('not-found', `There is no trust store "${unknown}" here.`, `Those of this machine: ${known}.`)
}

interface StoreTask extends Seen {
  ca: KnownCa
  alongside: ReadonlySet<string>
}

/** Null where nothing is to be done. */
async function storePlan(action: TrustAction, { store, look, ca, alongside }: StoreTask): Promise<Plan | null> {
  if (!look.found) {
    if (look.known || action !== 'install') return null
    return makePlan(store.title, [{ kind: 'note', text: look.because }])
  }
  const { entries } = look
  const additions = async () => (isTrusted(entries, ca) ? [] : store.additions(ca, entries, alongside))
  if (action === 'install') {
    const steps = await additions()
    return steps.length === 0 ? null : makePlan(store.title, steps)
  }
  const targets = targetsOf(action, entries, ca)
  if (targets.length === 0) return null
  const added = action === 'replace' ? await additions() : []
  return makePlan(store.title, [...added, ...(await store.removals(targets, alongside))])
}

function isTrusted(entries: readonly TrustEntry[], { fingerprint }: TrustCa): boolean {
  return entries.some((entry) => entry.fingerprint === fingerprint && entry.trusted)
}

/** What an action takes out. */
function targetsOf(action: TrustAction, entries: readonly TrustEntry[], ca: KnownCa): TrustEntry[] {
  if (action === 'replace') return entries.filter(({ fingerprint }) => ca.former.has(fingerprint))
  return entries.filter(({ fingerprint }) => (fingerprint === ca.fingerprint) === (action === 'uninstall'))
}

/** A plan that was done is not done unless the store says so too. */
function verified(action: TrustAction, outcome: PlanOutcome, look: Look, ca: KnownCa): PlanOutcome {
  if (outcome.state !== 'done') return outcome
  const failed = (message: string): PlanOutcome => ({ ...outcome, state: 'failed', message })
  if (!look.found) return failed(look.because)
  if ((action === 'install' || action === 'replace') && !isTrusted(look.entries, ca)) {
    return failed('Every step was done, and the store does not trust the CA all the same.')
  }
  if (action === 'install') return outcome
  const left = targetsOf(action, look.entries, ca)
  return left.length === 0 ? outcome : failed(`Still there: ${left.map(({ place }) => place).join(', ')}.`)
}
