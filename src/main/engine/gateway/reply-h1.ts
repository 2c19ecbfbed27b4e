import type { ServerResponse } from 'node:http'
import type { RawHeaders } from './headers.js'
import type { Reply } from './reply.js'

/** Replies over HTTP/1.x through Node's own ServerResponse, which does the framing. */
export class Http1Reply implements Reply {
  readonly lowerCaseNames = false
  readonly closed: Promise<void>
  sentTrailers: RawHeaders | null = null
  readonly #response: ServerResponse
  #resolveClosed!: () => void
  #trailers = false
  #bodyBegun = false

  constructor(response: ServerResponse) {
    this.#response = response
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    response.on('close', this.#resolveClosed)
    response.on('error', ignoreWriteAfterGone)
  }

  get headersSent(): boolean {
    return this.#response.headersSent
  }

  get gone(): boolean {
    return this.#response.destroyed || this.#response.req.socket.destroyed
  }

  get pendingBytes(): number {
    return this.#response.writableLength
  }

  /** A pipelined response that was never assigned its socket gets no 'close' of its own: the connection calls this. */
  connectionClosed(): void {
    this.#resolveClosed()
  }

  closeAfter(): void {
    this.#response.shouldKeepAlive = false
  }

  informational(status: 100 | 103, headers: RawHeaders): void {
    if (this.headersSent || this.gone || this.#response.req.httpVersion === '1.0') return
    if (status === 100) {
      this.#response.writeContinue()
      return
    }
    const hints = hintsOf(headers)
    if (hints !== null) this.#response.writeEarlyHints(hints)
  }

  head(
    status: number,
    reason: string,
    headers: RawHeaders,
    { bodiless, trailers }: { bodiless: boolean; trailers: boolean },
  ): void {
    this.#trailers = trailers
    this.#response.writeHead(status, reason, headers)
    // Node keeps the head back for the first bytes of the body; those may be long in coming.
    if (!bodiless) process.nextTick(this.#flush)
  }

  readonly #flush = (): void => {
    if (!this.#bodyBegun && !this.gone) this.#response.flushHeaders()
  }

  write(chunk: Uint8Array): boolean {
    this.#bodyBegun = true
    return this.#response.write(chunk)
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener)
  }

  end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    this.#bodyBegun = true
    if (trailers !== undefined && trailers.length > 0 && this.#trailers && this.#response.chunkedEncoding) {
      this.#response.addTrailers(pairs(trailers))
      this.sentTrailers = trailers
    }
    if (chunk === undefined) this.#response.end()
    else this.#response.end(chunk)
  }

  destroy(): void {
    this.#response.destroy()
    this.#response.req.socket.destroy()
  }
}

/** The error is the client's going away, which `closed` reports. */
function ignoreWriteAfterGone(): void {}

function pairs(raw: RawHeaders): [string, string][] {
  const out: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) out.push([raw[i] as string, raw[i + 1] as string])
  return out
}

/** Node sends Early Hints only with well-formed Link fields; hints that are not are dropped, as a client would. */
function hintsOf(headers: RawHeaders): { link: string[]; [name: string]: string | string[] } | null {
  const hints: { link: string[]; [name: string]: string | string[] } = Object.assign(Object.create(null), { link: [] })
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase()
    const value = headers[i + 1] as string
    if (name === 'link') hints.link.push(...splitLinks(value).filter((link) => WELL_FORMED_LINK.test(link)))
    else hints[name] = value
  }
  return hints.link.length === 0 ? null : hints
}

const WELL_FORMED_LINK = /^(?:<[^>]*>)(?:\s*;\s*[^;"\s]+(?:=(")?[^;"\s]*\1)?)*$/

function splitLinks(value: string): string[] {
  return value.split(/,\s*(?=<)/).map((link) => link.trim())
}
