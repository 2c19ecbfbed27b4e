import { randomBytes } from 'node:crypto'
import { Fault } from '../../../shared/fault.js'
import type { BackendStatus } from '../../../shared/window-schemas.js'
import type { Backend, BackendObserver } from './backend.js'
import { type ChangeLog, logChange } from './change-log.js'
import { ConnectionPools } from './connection-pools.js'
import { HealthChecks } from './health-checks.js'
import { listBackends } from './list-backends.js'
import { checkedBackends, type Placed, Places, type UpstreamRoute } from './places.js'
import type { Probe } from './probe.js'
import type { RetryBudget } from './retry-budget.js'
import { StickyValues } from './sticky-values.js'
import type { PickFacts, Refusal, Target } from './target.js'

export interface UpstreamsOptions {
  /** called after each change of what `list` tells, but for the number of requests under way */
  changed?: () => void
  log?: ChangeLog
  /** whether somebody looks at the backends */
  followed?: () => boolean
  /** signs the cookies of sticky targets; 32 bytes */
  stickyKey?: () => Buffer
  /** monotonic, in milliseconds */
  now?: () => number
  /** from 0 up to but without 1 */
  random?: () => number
}

/** All backends: their connections, how they are, and the choice among them. It serves the gateway's `Upstreams`. */
export class Upstreams {
  readonly #pools = new ConnectionPools()
  readonly #checks: HealthChecks
  readonly #places: Places
  readonly #now: () => number
  readonly #changed: () => void
  #routes: readonly UpstreamRoute[] = []
  /** targets of the processes that run, by app */
  readonly #adopted = new Map<string, Target>()
  #placed: readonly Placed[] = []

  constructor(options: UpstreamsOptions = {}) {
    const { changed = () => {}, log, now = () => performance.now(), random = Math.random } = options
    const ownKey = randomBytes(32)
    const observer: BackendObserver = {
      now,
      changed: (backend, before) => {
        if (before !== null && log !== undefined) logChange(log, backend, before)
        changed()
      },
    }
    this.#now = now
    this.#changed = changed
    this.#checks = new HealthChecks({ now, random, followed: options.followed ?? (() => false) })
    this.#places = new Places({
      ...{ observer, random, pools: this.#pools },
      sticky: new StickyValues(options.stickyKey ?? (() => ownKey)),
    })
  }

  /** Takes over the routes of a config. A backend that stays in its place keeps its connections and what is known of it. */
  apply(routes: Iterable<UpstreamRoute>): void {
    this.#routes = [...routes]
    this.#place()
  }

  /**
   * The process of an app is reached so from now on.
   *
   * @param target the very object that `pick` is going to be called with
   */
  adopt(app: string, target: Target): void {
    if (this.#adopted.get(app) === target) return
    this.#adopted.set(app, target)
    this.#place()
  }

  /** The process of an app does not run any more. */
  release(app: string): void {
    if (this.#adopted.delete(app)) this.#place()
  }

  /** Health checks begin, the first of each backend at once. */
  start(): void {
    this.#checks.start()
  }

  /** No health checks are made until `start`. */
  pause(): void {
    this.#checks.stop()
  }

  /** Somebody looks at the backends: health checks that rest go on. */
  looked(): void {
    this.#checks.looked()
  }

  /** See the gateway's `Upstreams`. @throws Fault when the CA file of the chosen backend cannot be read */
  pick(target: Target, facts: PickFacts, connectTimeoutMs: number, tried: ReadonlySet<object>): Backend | Probe | null {
    const group = this.#places.group(target, connectTimeoutMs)
    if (target.health !== null) this.#checks.wanted(group.demand)
    const handle = group.pick(facts, tried)
    handle?.open()
    return handle
  }

  /** See the gateway's `Upstreams`. */
  refusals(target: Target): Refusal[] {
    return this.#places.known(target)?.refusals() ?? []
  }

  /** See the gateway's `Upstreams`. */
  budget(target: Target): RetryBudget {
    return this.#places.group(target).budget
  }

  /** See the gateway's `Upstreams`. */
  stickyValue(target: Target, handle: object): string {
    return this.#places.known(target)?.stickyValue(handle) ?? ''
  }

  /** Every backend of the config and of the processes that run, in the config's order. */
  list(): BackendStatus[] {
    return listBackends(this.#placed, {
      now: this.#now(),
      nextCheckIn: (backend) => this.#checks.nextIn(backend),
    })
  }

  /**
   * Stops or resumes sending new requests to a backend. It stays so when the config changes, until the engine ends.
   *
   * @param place.route undefined: on all routes of the app that have the backend
   * @throws Fault when there is no such backend
   */
  drain(place: { app: string; url: string; route?: string | undefined }, draining: boolean): void {
    const backends = this.#placed
      .filter(({ app, route }) => app === place.app && (place.route ?? route) === route)
      .flatMap(({ group }) => group.members.map(({ backend }) => backend))
      .filter(({ backend }) => sameOrigin(backend.url, place.url))
    if (backends.length === 0) {
      const where = place.route === undefined ? `The app "${place.app}"` : `The route ${place.route} of "${place.app}"`
      throw new Fault('not-found', `${where} has no backend ${place.url}.`, 'See them with "portico backends".')
    }
    for (const { state } of backends) state.setDraining(draining)
  }

  /** Ends every connection at once, and the health checks. */
  async destroy(): Promise<void> {
    this.#checks.stop()
    await this.#pools.destroy()
  }

  #place(): void {
    this.#placed = this.#places.place(this.#routes, this.#adopted)
    this.#checks.replace(checkedBackends(this.#placed))
    this.#changed()
  }
}

function sameOrigin(a: string, b: string): boolean {
  return URL.canParse(b) && new URL(a).origin === new URL(b).origin
}
