import type { MirrorSettings } from '../../../../shared/policies/trial-schemas.js'
import type { Exchange } from '../exchange.js'
import { forwardedRequestHeaders, headerValue, type RawHeaders } from '../headers.js'
import { hopOf } from '../upstream-request.js'
import { CONTINUE } from './decision.js'
import type { Policy, PolicyScope } from './policy.js'

const MAX_BODY = 1_048_576
const TIMEOUT_MS = 30_000
/** At once; more are not copied: what is copied must never harm what is real. */
const MAX_COPIES = 64
const PSEUDONYM = 'portico-mirror'

/** Sends a copy of each request to another upstream, once the real one has been answered, and forgets what it says. */
export function makeMirror(settings: MirrorSettings, { app, services }: PolicyScope): Policy {
  const { share = 1, maxBodyBytes = MAX_BODY } = settings
  const to = settings.app === undefined ? { origin: settings.url as string } : { app: settings.app }
  let copies = 0
  let told = false
  const send = async (exchange: Exchange, body: Buffer) => {
    copies += 1
    try {
      await services.requests.send({
        ...{ to, method: exchange.method, target: exchange.sentTarget, headers: copiedHeaders(exchange), body },
        ...{ timeoutMs: TIMEOUT_MS, maxBytes: 0 },
      })
      told = false
    } catch (err) {
      if (!told) services.log.warn({ err, app, to }, 'requests are not copied to the mirror')
      told = true
    } finally {
      copies -= 1
    }
  }
  return {
    decide: (exchange) => {
      if (exchange.protocol.endsWith('websocket') || copies >= MAX_COPIES || Math.random() >= share) return CONTINUE
      if (Number(headerValue(exchange.headers, 'content-length') ?? 0) > maxBodyBytes) return CONTINUE
      const body = new Copy(maxBodyBytes)
      exchange.tapBody((chunk) => body.add(chunk))
      void exchange.reply.closed.then(() => {
        if (!exchange.bodyComplete || body.tooLarge) return
        exchange.note('mirror', 'copied')
        void send(exchange, body.content())
      })
      return CONTINUE
    },
  }
}

/** As the backend gets them, but for Host, which is the mirror's own. */
function copiedHeaders(exchange: Exchange): RawHeaders {
  const headers = forwardedRequestHeaders(exchange.headers, hopOf(exchange, PSEUDONYM), null)
  const edited = exchange.requestEdit === null ? headers : exchange.requestEdit(headers)
  return edited.filter((_text, index) => !/^(content-length|host)$/i.test(edited[index - (index % 2)] as string))
}

/** A body, as long as it is not too large. */
class Copy {
  readonly #limit: number
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get tooLarge(): boolean {
    return this.#bytes > this.#limit
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.tooLarge) this.#chunks = []
    else this.#chunks.push(Buffer.from(chunk))
  }

  content(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
