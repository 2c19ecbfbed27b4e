import type { Exchange } from '../../exchange.js'
import { removeField, weakenConfirmedTag, weakenTag } from '../../field-edits.js'
import { headerValue, type RawHeaders } from '../../headers.js'
import type { Reply } from '../../reply.js'
import { PassedReply } from '../passed-reply.js'
import type { HtmlInjector } from './html-injector.js'

/** What says something of the body as it was. */
const OF_THE_BODY = ['content-length', 'content-md5', 'content-digest', 'digest', 'accept-ranges']

/** Puts HTML into pages, and leaves everything else alone. */
export class InjectedReply extends PassedReply {
  readonly #exchange: Exchange
  readonly #makeInjector: () => HtmlInjector
  #injector: HtmlInjector | null = null
  #sent = 0

  constructor(next: Reply, exchange: Exchange, makeInjector: () => HtmlInjector) {
    super(next)
    this.#exchange = exchange
    this.#makeInjector = makeInjector
  }

  override head(
    status: number,
    reason: string,
    headers: RawHeaders,
    options: { bodiless: boolean; trailers: boolean },
  ): void {
    if (status === 304) weakenConfirmedTag(headers, this.#exchange.headers)
    else if (isPage(status, headers)) {
      for (const name of OF_THE_BODY) removeField(headers, name)
      weakenTag(headers)
      if (!options.bodiless) this.#injector = this.#makeInjector()
      this.#exchange.note('rewrite', 'injected')
    }
    this.next.head(status, reason, headers, options)
  }

  override write(chunk: Uint8Array): boolean {
    if (this.#injector === null) return this.next.write(chunk)
    const bytes = bytesOf(this.#injector.write(Buffer.from(chunk).toString('latin1')))
    this.#sent += bytes.length
    return bytes.length === 0 || this.next.write(bytes)
  }

  override end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    if (this.#injector === null) {
      this.next.end(chunk, trailers)
      return
    }
    if (chunk !== undefined) this.write(chunk)
    const rest = bytesOf(this.#injector.end())
    this.#exchange.bytesOut = this.#sent + rest.length
    this.next.end(rest.length === 0 ? undefined : rest, trailers)
  }
}

/** A whole HTML page, not coded, of an encoding in which tags are ASCII. */
export function isPage(status: number, headers: RawHeaders): boolean {
  if (status < 200 || status === 204 || status === 206 || status === 304) return false
  const type = headerValue(headers, 'content-type')?.toLowerCase() ?? ''
  if (!/^text\/html\s*(;|$)/.test(type) || /charset\s*=\s*"?utf-16/.test(type)) return false
  const coding = headerValue(headers, 'content-encoding')
  return coding === undefined || coding.toLowerCase() === 'identity'
}

function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1')
}
