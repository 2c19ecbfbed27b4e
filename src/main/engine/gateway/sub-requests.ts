import type { Dispatcher } from 'undici'
import { toRawHeaders } from './answer-head.js'
import { GatewayFault } from './gateway-fault.js'
import { headerValue, type RawHeaders } from './headers.js'
import { matchRoute } from './match-route.js'
import { noBackend } from './no-backend.js'
import type { RouteTable } from './route-table.js'
import type { SubRequest, SubRequests, SubResponse } from './sub-request.js'
import { unsentFault, upstreamFault } from './upstream-fault.js'
import type { AttemptHandler, BackendHandle, Upstreams } from './upstream-ports.js'
import { compileUpstream, type UpstreamTarget } from './upstream-target.js'

export interface SubRequestParts {
  table(): RouteTable
  upstreams(): Upstreams
  /** where requests for an app's process go; null unless it is ready */
  target(app: string): UpstreamTarget | null
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
    const { target, name, host } = this.#destination(request)
    const upstreams = this.#parts.upstreams()
    const facts = { client: '127.0.0.1', sticky: null }
    const backend = upstreams.pick(target, facts, Math.min(CONNECT_MS, request.timeoutMs), NONE)
    if (backend === null) throw noBackend(name, upstreams.refusals(target))
    backend.begin()
    try {
      const response = await new SubAttempt(request, backend, request.host ?? host ?? backend.authority, name).run()
      backend.answered(response.status)
      return response
    } finally {
      backend.release()
    }
  }

  #destination({ to, method, target }: SubRequest): { target: UpstreamTarget; name: string; host: string | null } {
    if ('origin' in to) return { target: this.#origin(to.origin), name: to.origin, host: null }
    const app = this.#parts.table().apps.find(({ name }) => name === to.app)
    if (app === undefined || !app.enabled) throw notThere(to.app, app === undefined ? 'does not exist' : 'is disabled')
    const query = target.indexOf('?')
    const match = matchRoute(app, method, query === -1 ? target : target.slice(0, query))
    if (match.kind !== 'route') throw notThere(to.app, `has no route for ${method} ${target.slice(0, 200)}`)
    const found = match.route.target
    const upstream = found.kind === 'process' ? this.#parts.target(app.name) : found.kind === 'upstream' ? found : null
    if (upstream === null) throw notThere(to.app, found.kind === 'process' ? 'is not running' : 'has no backend there')
    return { target: upstream, name: app.name, host: app.hosts.find((one) => !one.startsWith('*.')) ?? null }
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

function notThere(app: string, what: string): GatewayFault {
  return new GatewayFault(
    'no-backend',
    503,
    `The app ${app}, which a policy asks, ${what}.`,
    'Look at the policies in the config.',
  )
}

/** One request and its answer, kept in memory up to a bound. */
class SubAttempt implements AttemptHandler {
  readonly #request: SubRequest
  readonly #backend: BackendHandle
  readonly #host: string
  readonly #name: string
  readonly #chunks: Buffer[] = []
  reusedConnection = false
  #controller: Dispatcher.DispatchController | null = null
  #status = 0
  #headers: RawHeaders = []
  #bytes = 0
  #resolve!: (response: SubResponse) => void
  #reject!: (reason: unknown) => void

  constructor(request: SubRequest, backend: BackendHandle, host: string, name: string) {
    this.#request = request
    this.#backend = backend
    this.#host = host
    this.#name = name
  }

  async run(): Promise<SubResponse> {
    const { method, target, headers, body, timeoutMs, signal } = this.#request
    const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])])
    const { promise, resolve, reject } = Promise.withResolvers<SubResponse>()
    this.#resolve = resolve
    this.#reject = reject
    const withdraw = this.#backend.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path: target,
        headers: headerValue(headers, 'host') === undefined ? [...headers, 'Host', this.#host] : headers,
        body: body ?? null,
      },
      this,
    )
    const giveUp = () => {
      reject(new GatewayFault('upstream-timeout', 504, `${this.#name} did not answer within ${timeoutMs} ms.`))
      if (this.#controller === null) withdraw()
      else this.#controller.abort(new Error('given up'))
    }
    limit.addEventListener('abort', giveUp, { once: true })
    try {
      return await promise
    } finally {
      limit.removeEventListener('abort', giveUp)
    }
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
  }

  onResponseStarted(): void {}

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    this.#status = status
    this.#headers = toRawHeaders(controller.rawHeaders as (Buffer | string)[] | null)
  }

  onBodySent(): void {}

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#bytes < this.#request.maxBytes) this.#chunks.push(Buffer.from(chunk))
    this.#bytes += chunk.length
  }

  onResponseEnd(): void {
    const body = Buffer.concat(this.#chunks).subarray(0, this.#request.maxBytes)
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    const { url } = this.#backend.backend
    const fault =
      this.#controller === null ? unsentFault(error, url, this.#name) : upstreamFault(error, url, this.#name, false)
    this.#backend.failed(this.#controller === null ? 'dial' : 'answer', fault.message)
    this.#reject(fault)
  }
}
