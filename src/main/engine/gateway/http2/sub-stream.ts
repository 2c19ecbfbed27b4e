import { constants } from 'node:http2'
import { GatewayFault } from '../gateway-fault.js'
import { headerValue, type RawHeaders } from '../headers.js'
import { KeptBody } from '../kept-body.js'
import type { SubRequest, SubResponse } from '../sub-request.js'
import type { BackendHandle, OpenedStream } from '../upstream-ports.js'
import { brokenStream, unsentOverHttp2 } from './http2-fault.js'
import { http2Fields, withoutPseudo } from './http2-fields.js'

/** One request of the gateway's own over HTTP/2, and its answer, kept in memory up to a bound. */
export class SubStream {
  readonly #request: SubRequest
  readonly #backend: BackendHandle
  readonly #host: string
  readonly #name: string
  readonly #body: KeptBody
  #opened: OpenedStream | null = null
  #status = 0
  #headers: RawHeaders = []
  #settled = false
  #resolve!: (response: SubResponse) => void
  #reject!: (reason: unknown) => void

  /** @param name of who is asked, for errors */
  constructor(request: SubRequest, backend: BackendHandle, host: string, name: string) {
    this.#request = request
    this.#backend = backend
    this.#host = host
    this.#name = name
    this.#body = new KeptBody(request.maxBytes)
  }

  /** @param signal aborts with what is to be thrown */
  async run(signal: AbortSignal): Promise<SubResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<SubResponse>()
    this.#resolve = resolve
    this.#reject = reject
    const withdraw = this.#send()
    const giveUp = () => {
      // The backend has failed when it took too long, and not when nobody wanted to know any more.
      if (signal.reason instanceof GatewayFault) this.#backend.failed('answer', signal.reason.message)
      this.#settled = true
      reject(signal.reason)
      if (this.#opened === null) withdraw()
      else this.#opened.stream.close(constants.NGHTTP2_CANCEL)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  #send(): () => void {
    const { method, target, headers, body } = this.#request
    const named = headerValue(headers, 'host') === undefined ? [...headers, 'Host', this.#host] : headers
    const fields = http2Fields({ method, path: target, secure: this.#backend.secure }, named)
    const endStream = body === undefined || body.length === 0
    return this.#backend.openStream({ fields, endStream }, (error, opened) => {
      if (opened === null) this.#fail('dial', unsentOverHttp2(error as Error, this.#url, this.#name, true))
      else this.#begin(opened, endStream ? null : (body as Uint8Array))
    })
  }

  #begin(opened: OpenedStream, body: Uint8Array | null): void {
    this.#opened = opened
    const { stream } = opened
    stream.on('error', () => {}) // told by its close
    stream.on('response', (fields, _flags, raw) => {
      this.#status = Number(fields[':status'])
      this.#headers = withoutPseudo(raw as unknown as string[])
    })
    stream.on('data', (chunk: Buffer) => this.#body.add(chunk))
    stream.on('end', () => this.#answered())
    stream.on('close', () => this.#broken(opened))
    stream.on('wantTrailers', () => stream.sendTrailers({}))
    if (body !== null) stream.end(body)
  }

  #answered(): void {
    if (this.#settled || this.#status === 0) return
    this.#settled = true
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#body.content() })
  }

  #broken({ lost, unprocessed, stream }: OpenedStream): void {
    const facts = { url: this.#url, app: this.#name, headSent: this.#status !== 0, resetCode: stream.rstCode }
    this.#fail('answer', brokenStream({ ...facts, lost, unprocessed }))
  }

  #fail(kind: 'dial' | 'answer', fault: GatewayFault): void {
    if (this.#settled) return
    this.#settled = true
    this.#backend.failed(kind, fault.message)
    this.#reject(fault)
  }

  get #url(): string {
    return this.#backend.backend.url
  }
}
