import type { Logger } from 'pino'
import { Fault } from '../../../shared/fault.js'
import type { ShareTool } from '../../../shared/share-schemas.js'
import type { AppHopOptions } from './app-hop.js'
import type { Carrier, CarrierEvent } from './carrier.js'
import { HopListener } from './hop-listener.js'
import { NO_TRAFFIC, type TrafficFigures } from './hop-traffic.js'
import { ToolGate, type ToolLogin } from './tool-gate.js'
import type { ToolRunner } from './tools/tool-runner.js'
import { ToolTunnel } from './tools/tool-tunnel.js'

export interface ToolShareOptions extends Pick<AppHopOptions, 'locate' | 'ca' | 'isOwn' | 'onFailure'> {
  tool: ShareTool
  /** absolute */
  program: string
  runner: ToolRunner
  /** whom to let in; null: everybody */
  login: ToolLogin | null
  log: Logger
}

/** An app shown by a program of this machine, which comes to a port that is there for it alone. */
export class ToolShare implements Carrier {
  readonly #options: ToolShareOptions
  readonly #tell: (event: CarrierEvent) => void
  readonly #gate: ToolGate
  readonly #opening: Promise<void>
  #listener: HopListener | null = null
  #tunnel: ToolTunnel | null = null
  #closed = false

  constructor(options: ToolShareOptions, tell: (event: CarrierEvent) => void) {
    this.#options = options
    this.#tell = tell
    this.#gate = new ToolGate(options.tool, options.login)
    this.#opening = this.#open().catch((thrown) => {
      const { message, hint } = Fault.of(thrown)
      tell({ type: 'ended', reason: message, hint })
    })
  }

  figures(): TrafficFigures {
    return this.#listener?.traffic.read() ?? NO_TRAFFIC
  }

  latencyMs(): number | null {
    return null
  }

  async close(graceMs?: number): Promise<void> {
    this.#closed = true
    await this.#opening
    this.#gate.close()
    const listener = this.#listener
    this.#listener = null
    const ended = this.#tunnel?.close(graceMs).catch((err) => {
      const { tool, log } = this.#options
      log.warn({ err, tool }, 'a tool that showed an app could not be ended')
    })
    await Promise.all([ended, listener?.close()])
  }

  async #open(): Promise<void> {
    const { tool, program, runner, log } = this.#options
    const publicOrigin = () => this.#gate.publicOrigin
    const listener = await HopListener.open({ ...this.#options, publicOrigin, gate: this.#gate })
    this.#listener = listener
    if (this.#closed) return
    this.#tunnel = new ToolTunnel({
      tool,
      program,
      port: listener.port,
      runner,
      log,
      onEvent: (event) => {
        if (event.type === 'open') this.#gate.opened(event.url)
        this.#tell(event)
      },
    })
  }
}
