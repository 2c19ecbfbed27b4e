import type { WebSocket } from 'ws'
import { type RelayMessage, relayMessageSchema } from '../control-messages.js'
import type { TunnelTarget } from '../frames.js'
import { LINK_CLOSE, TunnelLink } from '../tunnel-link.js'
import type { TunnelStream } from '../tunnel-stream.js'
import { openRelay, type RelayAccess, type RelayPlace, type Service } from './open-relay.js'
import { closedByRelay, type Ending, passing } from './refusals.js'

/** A relay that accepts the WebSocket and then says nothing is none. */
const WELCOME_MS = 10_000

export interface SessionOptions {
  access: RelayAccess
  serves: readonly Service[]
  /** see `refusedUpgrade` */
  welcomedBefore: boolean
  maxStreams: number
  pingMs: number
  /** @param agent as whom the relay knows it */
  welcomed: (agent: string) => void
  message: (message: RelayMessage) => void
  open: (stream: TunnelStream, target: TunnelTarget, client: string) => void
  /** It never began, or has ended. Called once. @param lastedMs since the welcome; null without */
  over: (ending: Ending, lastedMs: number | null) => void
}

/** One connection to a relay, from the attempt to its end. */
export class RelaySession {
  /** null until the WebSocket is open */
  link: TunnelLink | null = null
  /** who answered; null until the WebSocket is open */
  relay: RelayPlace | null = null
  readonly #options: SessionOptions
  readonly #abandon: () => void
  #welcomedAt: number | null = null
  #isOver = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#abandon = openRelay(options.access, options.serves, options.welcomedBefore, {
      opened: (socket, relay) => this.#opened(socket, relay),
      failed: (ending) => this.#end(ending),
    })
  }

  /** Ends it; `over` is not called any more. Every stream ends with an error. */
  close(): void {
    this.#isOver = true
    if (this.link === null) this.#abandon()
    else this.link.close(LINK_CLOSE.done, 'the agent has stopped')
  }

  #opened(socket: WebSocket, relay: RelayPlace): void {
    let ending = passing('the relay does not answer')
    const late = setTimeout(() => {
      ending = passing('the relay did not say welcome')
      this.link?.close(LINK_CLOSE.protocol, 'no welcome')
    }, WELCOME_MS)
    // Heard before the link hears of it, which then tells that it is over.
    socket.on('close', (code, reason) => {
      ending = closedByRelay(code, reason.toString())
    })
    const { maxStreams, pingMs, open } = this.#options
    this.relay = relay
    this.link = new TunnelLink({
      socket,
      maxStreams,
      pingMs,
      open,
      control: (message) => this.#take(message, late),
      malformed: (reason) => {
        ending = passing(`the relay broke the protocol: ${reason}`, 1_000)
      },
      closed: () => {
        clearTimeout(late)
        this.#end(ending)
      },
    })
  }

  /** Kinds of messages that this version does not know are for later ones. */
  #take(message: unknown, late: NodeJS.Timeout): void {
    const parsed = relayMessageSchema.safeParse(message)
    if (!parsed.success || this.#isOver) return
    if (parsed.data.type === 'welcome' && this.#welcomedAt === null) {
      clearTimeout(late)
      this.#welcomedAt = performance.now()
      this.#options.welcomed(parsed.data.agent)
    }
    if (this.#welcomedAt !== null) this.#options.message(parsed.data)
  }

  #end(ending: Ending): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.over(ending, this.#welcomedAt === null ? null : performance.now() - this.#welcomedAt)
  }
}
