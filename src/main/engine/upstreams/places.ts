import { isLoopbackHost } from '../../../shared/hostname.js'
import { Backend, type BackendObserver } from './backend.js'
import { BackendGroup } from './backend-group.js'
import type { ConnectionPools } from './connection-pools.js'
import type { CheckedBackend } from './health-checks.js'
import type { StickyValues } from './sticky-values.js'
import type { BackendSpec, Target } from './target.js'

/** One route of a config that leads to backends, or to the process of its app. */
export interface UpstreamRoute {
  app: string
  /** the backends of a disabled app are listed, but not asked how they are */
  enabled: boolean
  /** its path as the config has it */
  route: string
  /** a host of the app, as requests name it; null when it has none but wildcards */
  host: string | null
  connectTimeoutMs: number
  /** null: the app's process */
  target: Target | null
}

/** A target of the config, or of a process that runs. */
export interface Placed extends UpstreamRoute {
  target: Target
  group: BackendGroup
}

interface PlacesOptions {
  observer: BackendObserver
  pools: ConnectionPools
  sticky: StickyValues
  random: () => number
}

/** For a target that is asked about before any request was sent to it. */
const CONNECT_TIMEOUT_MS = 5_000

/** Which backends there are: each stands for one way of reaching one place of the config, across configs. */
export class Places {
  readonly #options: PlacesOptions
  readonly #groups = new WeakMap<Target, BackendGroup>()
  #backends = new Map<string, Backend>()
  /** asked for several times with each request */
  #latest: { target: Target; group: BackendGroup } | null = null

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  known(target: Target): BackendGroup | undefined {
    return this.#groups.get(target)
  }

  /** The backends of a target, also of one that the config does not hold yet or any more. */
  group(target: Target, connectTimeoutMs = CONNECT_TIMEOUT_MS): BackendGroup {
    if (this.#latest?.target === target) return this.#latest.group
    const group = this.#groups.get(target) ?? this.#make(target, { connectTimeoutMs, key: '', place: null })
    this.#latest = { target, group }
    return group
  }

  /**
   * Takes over the routes of a config, in order.
   *
   * @param processes targets of the processes that run, by app; each stands in the place of its app's first route to it
   */
  place(routes: Iterable<UpstreamRoute>, processes: ReadonlyMap<string, Target>): Placed[] {
    const former = this.#backends
    this.#backends = new Map()
    this.#latest = null
    const placed: Placed[] = []
    const turns = new Map<string, number>()
    for (const route of routes) {
      const { app, connectTimeoutMs } = route
      const name = JSON.stringify([app, route.target === null ? null : route.route])
      const turn = turns.get(name) ?? 0
      turns.set(name, turn + 1)
      const target = route.target ?? (turn === 0 ? processes.get(app) : undefined)
      if (target === undefined) continue
      const key = `${name}#${turn}`
      const group = this.#make(target, { connectTimeoutMs, key, place: { app, route: route.route } }, former)
      placed.push({ ...route, target, group })
    }
    const wanted = [...this.#backends.values()].flatMap(({ opened }) => (opened === null ? [] : [opened]))
    this.#options.pools.retain(new Set(wanted))
    return placed
  }

  #make(
    target: Target,
    where: { connectTimeoutMs: number; key: string; place: Backend['place'] },
    former: ReadonlyMap<string, Backend> = new Map(),
  ): BackendGroup {
    const { pools, sticky, observer, random } = this.#options
    const known = this.#groups.get(target)
    const keys = target.backends.map((spec) => where.key + identityOf(spec))
    const backends = target.backends.map((spec, index) => {
      const key = keys[index] as string
      const making = {
        ...{ spec, settings: target, place: where.place },
        openPool: () => pools.open(spec, where.connectTimeoutMs, target.connections),
      }
      const backend = this.#backends.get(key) ?? known?.members[index]?.backend ?? former.get(key)
      backend?.remake(making)
      const made = backend ?? new Backend(making, observer)
      if (where.place !== null) this.#backends.set(key, made)
      return made
    })
    if (known !== undefined) return known
    const stickyValues = target.sticky === null ? null : keys.map((key) => sticky.of(key))
    const group = new BackendGroup(target, { backends, stickyValues, random, now: observer.now })
    this.#groups.set(target, group)
    return group
  }
}

/** Those that are to be asked how they are. */
export function* checkedBackends(placed: Iterable<Placed>): Generator<CheckedBackend> {
  for (const { enabled, target, group, host } of placed) {
    if (!enabled || target.health === null) continue
    for (const { backend, weight } of group.members) {
      if (weight === 0) continue
      const preserve = target.preserveHost ?? isLoopbackHost(backend.host)
      yield {
        ...{ backend, check: target.health, demand: group.demand },
        host: preserve && host !== null ? host : backend.authority,
      }
    }
  }
}

/** A backend that is reached in another way than before is another one; its weight says nothing of that. */
function identityOf({ url, caFile, serverName, insecure }: BackendSpec): string {
  return JSON.stringify([url, caFile, serverName, insecure])
}
