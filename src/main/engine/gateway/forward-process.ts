import { setTimeout as delay } from 'node:timers/promises'
import { kindOf } from './backend-choice.js'
import type { Exchange } from './exchange.js'
import { forwardHttp } from './forward-http.js'
import { forwardWebSocket, type WebSocketContext } from './forward-websocket.js'
import type { HeldRequests } from './held-requests.js'
import { isLocalClient } from './local-client.js'
import type { AppProcesses } from './process-ports.js'
import { mayRetry } from './retry.js'
import type { CompiledRoute } from './route-table.js'
import { isNavigation, startingPage } from './starting-page.js'
import type { TargetSource } from './target-source.js'
import type { UpstreamTarget } from './upstream-target.js'
import type { WebSocketClient } from './websocket-client.js'

export interface ProcessContext extends WebSocketContext {
  processes: AppProcesses
  held: HeldRequests
}

/** How long a person looks at an empty window before a page tells why. */
const PAGE_AFTER_MS = 1_500

/**
 * Forwards an exchange to the process of its app, which is started first where a request may start it. Until it is ready,
 * people see a page that says so, and everybody else is made to wait.
 *
 * @throws GatewayFault when no answer was begun; ClientGone when there is nobody left to answer
 */
export async function forwardProcess(
  exchange: Exchange,
  route: CompiledRoute,
  context: ProcessContext,
  webSocket: WebSocketClient | null,
): Promise<void> {
  const { name } = route.app
  const { processes, held } = context
  processes.enter(name)
  void exchange.reply.closed.then(() => processes.leave(name))
  const source = new ProcessTarget(exchange, name, context)
  if (webSocket !== null) return forwardWebSocket(exchange, route, source, context, webSocket)
  const target =
    processes.target(name) ?? (await held.until(exchange, name, isNavigation(exchange) ? PAGE_AFTER_MS : null))
  if (target !== null) return forwardHttp(exchange, route, target, context, source)
  exchange.error = `${name} is starting`
  const page = startingPage(name, isLocalClient(exchange) ? processes.status(name) : null, Date.now())
  exchange.respond(503, page.headers, page.body)
}

/** A crash shows on the connections first; its exit is told a moment later. */
const CRASH_TOLD_MS = 300
const LOOK_AGAIN_MS = 20

/** The process of an app as the target of one exchange. */
class ProcessTarget implements TargetSource {
  readonly #exchange: Exchange
  readonly #app: string
  readonly #context: ProcessContext
  #renewed = false

  constructor(exchange: Exchange, app: string, context: ProcessContext) {
    this.#exchange = exchange
    this.#app = app
    this.#context = context
  }

  async first(): Promise<UpstreamTarget> {
    return this.#context.processes.target(this.#app) ?? this.#wait()
  }

  /** The process has crashed under a request that may be repeated: its next run gets it. Once, for it may be the reason. */
  async after(failed: UpstreamTarget, thrown: unknown): Promise<UpstreamTarget | null> {
    if (this.#renewed || !this.#mayRepeat(thrown)) return null
    this.#renewed = true
    const { processes } = this.#context
    for (let waited = 0; this.#stillRuns(failed); waited += LOOK_AGAIN_MS) {
      if (waited >= CRASH_TOLD_MS || this.#exchange.reply.gone) return null
      await delay(LOOK_AGAIN_MS)
    }
    return processes.target(this.#app) ?? this.#wait()
  }

  #stillRuns(target: UpstreamTarget): boolean {
    return this.#context.processes.target(this.#app) === target
  }

  async #wait(): Promise<UpstreamTarget> {
    return (await this.#context.held.until(this.#exchange, this.#app, null)) as UpstreamTarget
  }

  #mayRepeat(thrown: unknown): boolean {
    const failure = kindOf(thrown)
    if (failure === null || failure === 'refused') return false
    const { method, bodyState: body, reply } = this.#exchange
    return (
      mayRetry({ failure, method, body, begun: reply.headersSent, attempts: 0, freeUsed: true, policy: ONCE }) !== 'no'
    )
  }
}

const ONCE = { attempts: 1, backoffMs: 0, budget: 0, statuses: false }
