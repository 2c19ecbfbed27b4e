import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import https from 'node:https'
import { AcmeError } from './acme-error.js'
import { problemIn, refusedRequest } from './problem-words.js'
import { retryAfterIn } from './schedule.js'
import type { AcmeSettings } from './settings.js'

export interface DirectoryAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** parsed when it is JSON, text otherwise */
  data: unknown
}

const TIMEOUT_MS = 30_000
const MAX_BYTES = 1_048_576
/** RFC 8555 section 6.1 wants it to name the client. */
const USER_AGENT = 'Portico'

/** The way to one ACME directory: HTTPS with the authority that the config names for it. */
export class DirectoryHttp {
  readonly #agent: https.Agent
  readonly #signal: AbortSignal
  readonly #now: () => number
  readonly #directory: string
  readonly #pauses = new WeakMap<object, number>()

  /** Rejects with an AcmeError when `caFile` cannot be read. @param signal ends what is under way */
  static async open(settings: AcmeSettings, signal: AbortSignal, now: () => number): Promise<DirectoryHttp> {
    return new DirectoryHttp(settings.directory, await readAuthority(settings.caFile), signal, now)
  }

  private constructor(directory: string, ca: string | null, signal: AbortSignal, now: () => number) {
    this.#directory = directory
    this.#agent = new https.Agent({ keepAlive: false, proxyEnv: process.env, ...(ca === null ? {} : { ca }) })
    this.#signal = signal
    this.#now = now
  }

  /**
   * Sends one request. Rejects with an AcmeError when there is no answer, or one that refuses, except for a bad nonce
   * (RFC 8555 section 6.5), which is for the caller to try again.
   */
  async request(url: string, method: string, body: unknown): Promise<DirectoryAnswer> {
    const answer = await this.#exchange(url, method, body)
    const retryAfterMs = retryAfterIn(answer.headers['retry-after'], this.#now())
    if (answer.status >= 400) {
      const problem = problemIn(answer.data)
      if (problem?.type === 'badNonce') return answer
      throw refusedRequest(answer.status, problem, retryAfterMs)
    }
    if (retryAfterMs !== null && typeof answer.data === 'object' && answer.data !== null)
      this.#pauses.set(answer.data, retryAfterMs)
    return answer
  }

  /** How long the directory asked to wait when it sent this very object; null when it did not. */
  pauseAskedWith(data: object): number | null {
    return this.#pauses.get(data) ?? null
  }

  async #exchange(url: string, method: string, body: unknown): Promise<DirectoryAnswer> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(TIMEOUT_MS)])
    try {
      return await exchange(url, { method, agent: this.#agent, signal }, body)
    } catch (error) {
      if (error instanceof AcmeError) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new AcmeError(`the ACME directory ${this.#directory} cannot be reached (${reason})`, {
        kind: 'unreachable',
        remedy: reachRemedy(error),
        cause: error,
      })
    }
  }
}

function exchange(url: string, options: https.RequestOptions, body: unknown): Promise<DirectoryAnswer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? null : JSON.stringify(body)
    const request = https.request(url, {
      ...options,
      headers: {
        'User-Agent': USER_AGENT,
        ...(payload === null
          ? {}
          : { 'Content-Type': 'application/jose+json', 'Content-Length': Buffer.byteLength(payload) }),
      },
    })
    request.on('error', reject)
    request.on('response', (response) => void readAnswer(response).then(resolve, reject))
    request.end(payload ?? undefined)
  })
}

async function readAnswer(response: IncomingMessage): Promise<DirectoryAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new AcmeError('the ACME directory sends more than an answer of ACME can be')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const isJson = /^application\/([\w.+-]+\+)?json\b/i.test(response.headers['content-type'] ?? '')
  return { status: response.statusCode ?? 0, headers: response.headers, data: isJson ? parsed(text) : text }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new AcmeError('the ACME directory sends JSON that is none')
  }
}

async function readAuthority(file: string | null): Promise<string | null> {
  if (file === null) return null
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new AcmeError(
      `the file of tls.acme.caFile cannot be read (${error instanceof Error ? error.message : error})`,
      {
        remedy: `Make ${file} the PEM file of the authority that signed the directory's own certificate`,
        cause: error,
      },
    )
  }
}

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/

function reachRemedy(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return UNTRUSTED.test(code)
    ? 'If it is a private authority, name the PEM file that its own certificate is signed with in tls.acme.caFile'
    : 'Check the network and tls.acme.directory; it is tried again by itself'
}
