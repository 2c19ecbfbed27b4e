import { GatewayFault } from './gateway-fault.js'
import { isGrpcCall } from './grpc/grpc-request.js'
import { SubStream } from './http2/sub-stream.js'
import { matchRoute } from './match-route.js'
import { noBackend } from './no-backend.js'
import { processFault } from './process-fault.js'
import type { AppProcesses } from './process-ports.js'
import type { CompiledApp, CompiledRoute, RouteTable } from './route-table.js'
import { SubAttempt } from './sub-attempt.js'
import type { SubRequest, SubRequests, SubResponse } from './sub-request.js'
import { TimeLimit } from './time-limit.js'
import type { BackendHandle, Upstreams } from './upstream-ports.js'
import { upstreamTarget } from './upstream-request.js'
import { compileUpstream, type UpstreamTarget } from './upstream-target.js'

export interface SubRequestParts {
  table(): RouteTable
  upstreams(): Upstreams
  processes(): AppProcesses
}

interface Destination {
  upstream: UpstreamTarget
  name: string
  host: string | null
}

const NONE: ReadonlySet<BackendHandle> = new Set()
const CONNECT_MS = 5_000

/** Sends requests of the gateway's own over the connections that the apps' backends have anyway. */
export class SubRequestSender implements SubRequests {
  readonly #parts: SubRequestParts
  /** the same object for an origin, so that its connections are kept */
  readonly #origins = new Map<string, UpstreamTarget>()

  constructor(parts: SubRequestParts) {
    this.#parts = parts
  }

  async send(request: SubRequest): Promise<SubResponse> {
    const { to, timeoutMs } = request
    const name = 'app' in to ? to.app : to.origin
    const limit = new TimeLimit(name, timeoutMs, request.signal)
    try {
      if ('origin' in to)
        return await this.#ask(request, { upstream: this.#origin(to.origin), name, host: null }, limit)
      return await this.#askApp(request, to.app, limit)
    } finally {
      limit.end()
    }
  }

  async #askApp(request: SubRequest, name: string, limit: TimeLimit): Promise<SubResponse> {
    const { app, route } = this.#route(name, request)
    const host = app.hosts.find((one) => !one.startsWith('*.')) ?? null
    const sent = { ...request, target: upstreamTarget(request.target, route) }
    const { target } = route
    if (target.kind === 'upstream') return this.#ask(sent, { upstream: target, name, host }, limit)
    if (target.kind !== 'process') throw notThere(name, 'has no backend there')
    const processes = this.#parts.processes()
    processes.enter(name)
    try {
      const upstream = processes.target(name) ?? (await this.#ready(name, limit))
      return await this.#ask(sent, { upstream, name, host }, limit)
    } finally {
      processes.leave(name)
    }
  }

  async #ready(name: string, { signal }: TimeLimit): Promise<UpstreamTarget> {
    const processes = this.#parts.processes()
    try {
      return await processes.ready(name, signal)
    } catch (thrown) {
      signal.throwIfAborted()
      throw processFault(name, thrown, processes.status(name), false)
    }
  }

  async #ask(request: SubRequest, { upstream, name, host }: Destination, limit: TimeLimit): Promise<SubResponse> {
    limit.signal.throwIfAborted()
    const upstreams = this.#parts.upstreams()
    const facts = { client: '127.0.0.1', sticky: null }
    const backend = upstreams.pick(upstream, facts, Math.min(CONNECT_MS, request.timeoutMs), NONE)
    if (backend === null) throw noBackend(name, upstreams.refusals(upstream))
    backend.begin()
    try {
      const Attempt = goesOverHttp2(request, upstream) ? SubStream : SubAttempt
      const attempt = new Attempt(request, backend, request.host ?? host ?? backend.authority, name)
      const response = await attempt.run(limit.signal)
      backend.answered(response.status)
      return response
    } finally {
      backend.release()
    }
  }

  #route(name: string, { method, target }: SubRequest): { app: CompiledApp; route: CompiledRoute } {
    const app = this.#parts.table().apps.find((one) => one.name === name)
    if (app === undefined || !app.enabled) throw notThere(name, app === undefined ? 'does not exist' : 'is disabled')
    const query = target.indexOf('?')
    const match = matchRoute(app, method, query === -1 ? target : target.slice(0, query))
    if (match.kind !== 'route') throw notThere(name, `has no route for ${method} ${target.slice(0, 200)}`)
    return { app, route: match.route }
  }

  #origin(origin: string): UpstreamTarget {
    let target = this.#origins.get(origin)
    if (target === undefined) {
      target = compileUpstream({ backends: [{ url: origin }] })
      this.#origins.set(origin, target)
    }
    return target
  }
}

/** As the requests of clients do. */
function goesOverHttp2({ method, headers }: SubRequest, { protocol }: UpstreamTarget): boolean {
  return protocol === 'h2' || (protocol !== 'http1' && isGrpcCall(method, headers))
}

function notThere(app: string, what: string): GatewayFault {
  return new GatewayFault(
    'no-backend',
    503,
    `The app ${app}, which a policy asks, ${what}.`,
    'Look at the policies in the config.',
  )
}
