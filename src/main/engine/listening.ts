import { isDeepStrictEqual } from 'node:util'
import type { Listener, Problem } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { httpsPortOf } from '../../shared/https-port.js'
import type { HostFacts } from './engine-options.js'
import { type ListenerOpener, type ListenPlan, moveListeners, openListeners } from './open-listeners.js'
import { findRedirects, type RedirectFinder, withoutRedirected } from './redirects.js'

/** As much of the gateway as turning it on and off takes. */
export interface Switchable {
  readonly listeners: ListenerOpener &
    RedirectFinder & {
      readonly open: Listener[]
      /** Ends the connections to addresses other than loopback, but for those that are kept. */
      endRemote(keeps: (localAddress: string) => boolean): void
    }
  drain(drainMs: number): Promise<void>
  reopen(): void
}

/** Where the gateway listens, as the config has it, and whether it does: a person may turn it off and on again. */
export class Listening {
  readonly #gateway: Switchable
  readonly #host: HostFacts | undefined
  #plan: ListenPlan
  #warnings: Problem[] = []
  #state: 'closed' | 'open' | 'paused' | 'ended' = 'closed'
  #lastHttpsPort: number | null = null

  constructor(gateway: Switchable, plan: ListenPlan, host: HostFacts | undefined) {
    this.#gateway = gateway
    this.#plan = plan
    this.#host = host
  }

  get paused(): boolean {
    return this.#state === 'paused'
  }

  /** what is not as planned, in plain sentences */
  get warnings(): Problem[] {
    return this.#warnings
  }

  /** port of the HTTPS listener; while paused the one it had; null before there was one */
  get httpsPort(): number | null {
    const open = httpsPortOf(this.#gateway.listeners.open)
    return open ?? (this.paused ? this.#lastHttpsPort : null)
  }

  /** @throws Fault as `openListeners`; nothing is open then, and what was paused stays so */
  async open(): Promise<void> {
    if (this.#state === 'open') return
    if (this.#state === 'ended') throw new Fault('conflict', 'Portico is stopping.')
    const { listeners } = this.#gateway
    const warnings = await openListeners(listeners, this.#plan, this.#host)
    const redirected = await findRedirects(listeners, this.#plan)
    if (this.#hasEnded()) return this.#gateway.listeners.close(() => true)
    if (this.#state === 'paused') this.#gateway.reopen()
    this.#warnings = withoutRedirected(warnings, redirected)
    this.#state = 'open'
  }

  /**
   * Closes the listeners, and soon after begins to end the connections: who asked for this over one of them gets an
   * answer first.
   *
   * @param drainMs the longest that exchanges in progress are waited for
   */
  async pause(drainMs: number): Promise<void> {
    if (this.#state !== 'open') return
    this.#lastHttpsPort = this.httpsPort
    this.#state = 'paused'
    this.#warnings = []
    await this.#gateway.listeners.close(() => true)
    setImmediate(() => {
      if (this.paused) void this.#gateway.drain(drainMs)
    })
  }

  /** Moves the listeners when the config moved them; when the new place cannot be had, the old one stays. */
  async move(plan: ListenPlan): Promise<void> {
    if (isDeepStrictEqual(plan, this.#plan)) return
    if (this.#state !== 'open') {
      this.#plan = plan
      return
    }
    await this.#settle(plan)
  }

  /** The system may permit other ports than before, or lead others here: what was planned is tried again. */
  async lookAgain(): Promise<void> {
    if (this.#state === 'open') await this.#settle(this.#plan)
  }

  async #settle(plan: ListenPlan): Promise<void> {
    try {
      const { listeners } = this.#gateway
      const warnings = await moveListeners(listeners, plan, this.#host)
      if (isEverywhere(this.#plan) && !isEverywhere(plan)) listeners.endRemote((local) => plan.bind.includes(local))
      this.#plan = plan
      this.#warnings = warnings // said at once: to find a redirect may take a moment
      this.#warnings = withoutRedirected(warnings, await findRedirects(listeners, plan))
    } catch (error) {
      const { message, hint } = Fault.of(error)
      const staying = 'The listeners stay where they were.'
      this.#warnings = [
        { path: 'listen', message: [message, staying, hint].filter((part) => part !== undefined).join(' ') },
      ]
    }
  }

  /** Nothing is opened any more. */
  end(): void {
    this.#state = 'ended'
  }

  #hasEnded(): boolean {
    return this.#state === 'ended'
  }
}

function isEverywhere({ bind }: ListenPlan): boolean {
  return bind.some((address) => address === '0.0.0.0' || address === '::')
}
