import type { Exchange } from './exchange.js'
import { ClientGone, GatewayFault } from './gateway-fault.js'
import { isLocalClient } from './local-client.js'
import { processFault } from './process-fault.js'
import type { AppProcesses } from './process-ports.js'
import type { UpstreamTarget } from './upstream-target.js'

/** The requests that wait until the process of their app is ready. */
export class HeldRequests {
  readonly #processes: AppProcesses
  readonly #counts = new Map<string, number>()

  constructor(processes: AppProcesses) {
    this.#processes = processes
  }

  /** How many wait for an app. */
  count(app: string): number {
    return this.#counts.get(app) ?? 0
  }

  /**
   * Has the process started, where a request may start it, and waits until it is ready.
   *
   * @param patienceMs milliseconds to wait at most; null as long as there is hope
   * @returns null when the patience has ended
   * @throws GatewayFault when it will not be ready, or too many wait already; ClientGone as soon as the client goes away
   */
  async until(exchange: Exchange, app: string, patienceMs: number | null): Promise<UpstreamTarget | null> {
    if (this.count(app) >= exchange.snapshot.limits.queue) throw tooMany(app)
    exchange.phase = 'receiving'
    exchange.openBody() // a client that goes away is only noticed behind the bytes it has sent
    const wait = new AbortController()
    this.#counts.set(app, this.count(app) + 1)
    exchange.onInterrupt(
      () => wait.abort(new ClientGone()),
      (fault) => wait.abort(fault),
    )
    const timer = patienceMs === null ? null : setTimeout(() => wait.abort(IMPATIENT), patienceMs)
    try {
      return await this.#processes.ready(app, wait.signal)
    } catch (thrown) {
      if (thrown === IMPATIENT) return null
      if (thrown instanceof ClientGone || thrown instanceof GatewayFault) throw thrown
      throw processFault(app, thrown, this.#processes.status(app), isLocalClient(exchange))
    } finally {
      if (timer !== null) clearTimeout(timer)
      this.#left(app)
    }
  }

  #left(app: string): void {
    const count = this.count(app) - 1
    if (count === 0) this.#counts.delete(app)
    else this.#counts.set(app, count)
  }
}

/** Why a wait was given up that went on too long for a page. */
const IMPATIENT = new Error('the page is shown meanwhile')

function tooMany(app: string): GatewayFault {
  return new GatewayFault(
    'overloaded',
    503,
    `Too many requests are waiting for ${app} to start.`,
    'Try again in a moment.',
    ['Retry-After', '1'],
  )
}
