import type { Backend } from './backend.js'
import { textHash } from './balance/hash.js'
import { makeStrategy } from './balance/make-strategy.js'
import type { Candidate, Strategy } from './balance/strategy.js'
import { Probe } from './probe.js'
import { RetryBudget } from './retry-budget.js'
import type { PickFacts, Refusal, Target } from './target.js'

/** When requests were last sent to a target, which its health checks depend on. */
export interface Demand {
  /** monotonic, in milliseconds */
  at: number
  /** its checks have stopped for want of requests */
  resting: boolean
}

export interface GroupOptions {
  /** in the order of the target's backends */
  backends: readonly Backend[]
  /** the cookie values that lead to them; null where clients are not kept with theirs */
  stickyValues: readonly string[] | null
  now: () => number
  random: () => number
}

/** The backends of one target, and the choice among them. */
export class BackendGroup {
  readonly members: readonly Member[]
  readonly budget: RetryBudget
  readonly demand: Demand
  readonly #strategy: Strategy<Member>
  readonly #now: () => number
  readonly #sticky: ReadonlyMap<string, Member> | null
  /** filled anew for each choice that not all of them are open to */
  readonly #open: Member[] = []

  constructor(target: Target, { backends, stickyValues, now, random }: GroupOptions) {
    this.members = backends.map((backend, index) => new Member(backend, target.backends[index]?.weight ?? 1))
    this.#strategy = makeStrategy(target.balance, random)
    this.budget = new RetryBudget(target.retry.budget, now)
    this.demand = { at: now(), resting: false }
    this.#now = now
    this.#sticky =
      stickyValues === null ? null : new Map(this.members.map((member, index) => [stickyValues[index] ?? '', member]))
  }

  /** @param tried handles that are not to be chosen again */
  pick(facts: PickFacts, tried: ReadonlySet<object>): Backend | Probe | null {
    if (tried.size === 0 && this.#allOpen()) return this.#choose(this.members, facts)?.backend ?? null
    const now = this.#now()
    this.#collect(tried, now, false)
    // Those that were left out for what requests told of them are better than none: they may be back long since.
    if (this.#open.length === 0) this.#collect(tried, now, true)
    const chosen = this.#choose(this.#open, facts)
    if (chosen === null) return null
    return chosen.backend.state.admission(now) === 'probe' ? new Probe(chosen.backend) : chosen.backend
  }

  /** The cookie value that leads back to the backend of a handle. */
  stickyValue(handle: object): string {
    for (const [value, { backend }] of this.#sticky ?? []) {
      if (handle === backend || (handle instanceof Probe && handle.owner === backend)) return value
    }
    return ''
  }

  refusals(): Refusal[] {
    const now = this.#now()
    return this.members.flatMap(({ backend, weight }) => {
      const refusal = weight === 0 ? null : refusalOf(backend, now)
      return refusal === null ? [] : [refusal]
    })
  }

  /** Whether requests go to other backends while this one is left out. */
  spares(backend: Backend): boolean {
    const now = this.#now()
    return this.members.some(
      (member) => member.backend !== backend && member.weight > 0 && isOpen(member.backend, now, false),
    )
  }

  #allOpen(): boolean {
    for (const { backend } of this.members) if (backend.state.impaired) return false
    return true
  }

  #collect(tried: ReadonlySet<object>, now: number, ejectedToo: boolean): void {
    this.#open.length = 0
    for (const member of this.members) {
      if (member.weight === 0 || !isOpen(member.backend, now, ejectedToo)) continue
      if (!wasTried(member.backend, tried)) this.#open.push(member)
    }
  }

  #choose(open: readonly Member[], { client, sticky }: PickFacts): Member | null {
    if (this.#sticky !== null && sticky !== null) {
      const kept = this.#sticky.get(sticky)
      if (kept !== undefined && kept.weight > 0 && open.includes(kept)) return kept
    }
    return open.length === 1 ? (open[0] as Member) : this.#strategy.pick(open, client)
  }
}

class Member implements Candidate {
  readonly hash: number
  credit = 0

  constructor(
    readonly backend: Backend,
    readonly weight: number,
  ) {
    this.hash = textHash(backend.backend.url)
  }

  get inFlight(): number {
    return this.backend.inFlight
  }
}

function isOpen({ state }: Backend, now: number, ejectedToo: boolean): boolean {
  const admission = state.admission(now)
  return admission === 'yes' || admission === 'probe' || (ejectedToo && admission === 'ejected')
}

function wasTried(backend: Backend, tried: ReadonlySet<object>): boolean {
  if (tried.has(backend)) return true
  for (const one of tried) if (one instanceof Probe && one.owner === backend) return true
  return false
}

function refusalOf({ state, backend: { url } }: Backend, now: number): Refusal | null {
  const reason = state.reason ?? 'It failed.'
  if (state.draining) return { url, reason: 'It is being drained: it gets no new requests.', retryInMs: null }
  if (state.active.down) return { url, reason, retryInMs: null }
  const { breakerUntil } = state
  if (state.breaker === 'half-open') return { url, reason: `${reason} One request is trying it now.`, retryInMs: null }
  return breakerUntil === null ? null : { url, reason, retryInMs: Math.max(0, Math.ceil(breakerUntil - now)) }
}
