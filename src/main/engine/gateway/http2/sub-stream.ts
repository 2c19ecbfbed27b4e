import { constants } from 'node:http2'
import { headerValue } from '../headers.js'
import { SubAnswer } from '../sub-answer.js'
import type { SubRequest, SubResponse } from '../sub-request.js'
import type { BackendHandle, OpenedStream } from '../upstream-ports.js'
import { brokenStream, unsentOverHttp2 } from './http2-fault.js'
import { http2Fields, withoutPseudo } from './http2-fields.js'

/** One request of the gateway's own over HTTP/2, and its answer. */
export class SubStream {
  readonly #request: SubRequest
  readonly #backend: BackendHandle
  readonly #host: string
  readonly #name: string
  readonly #answer: SubAnswer
  #opened: OpenedStream | null = null

  /** @param name of who is asked, for errors */
  constructor(request: SubRequest, backend: BackendHandle, host: string, name: string) {
    this.#request = request
    this.#backend = backend
    this.#host = host
    this.#name = name
    this.#answer = new SubAnswer(backend, request.maxBytes)
  }

  /** @param signal aborts with what is to be thrown */
  run(signal: AbortSignal): Promise<SubResponse> {
    const withdraw = this.#send()
    return this.#answer.wait(signal, () => {
      if (this.#opened === null) withdraw()
      else this.#opened.stream.close(constants.NGHTTP2_CANCEL)
    })
  }

  #send(): () => void {
    const { method, target, headers, body } = this.#request
    const named = headerValue(headers, 'host') === undefined ? [...headers, 'Host', this.#host] : headers
    const fields = http2Fields({ method, path: target, secure: this.#backend.secure }, named)
    const endStream = body === undefined || body.length === 0
    return this.#backend.openStream({ fields, endStream }, (error, opened) => {
      if (opened === null) this.#answer.fail('dial', unsentOverHttp2(error as Error, this.#url, this.#name, true))
      else this.#begin(opened, endStream ? null : (body as Uint8Array))
    })
  }

  #begin(opened: OpenedStream, body: Uint8Array | null): void {
    this.#opened = opened
    const { stream } = opened
    stream.on('error', () => {}) // told by its close
    stream.on('response', (fields, _flags, raw) =>
      this.#answer.begin(Number(fields[':status']), withoutPseudo(raw as unknown as string[])),
    )
    stream.on('data', (chunk: Buffer) => this.#answer.add(chunk))
    stream.on('end', () => this.#answer.end())
    stream.on('close', () => this.#broken(opened))
    stream.on('wantTrailers', () => stream.sendTrailers({}))
    if (body !== null) stream.end(body)
  }

  #broken({ lost, unprocessed, stream }: OpenedStream): void {
    const facts = { url: this.#url, app: this.#name, headSent: this.#answer.begun, resetCode: stream.rstCode }
    this.#answer.fail('answer', brokenStream({ ...facts, lost, unprocessed }))
  }

  get #url(): string {
    return this.#backend.backend.url
  }
}
