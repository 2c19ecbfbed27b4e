import { createHash, randomBytes, timingSafeEqual, X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Fault } from '../../../shared/fault.js'
import { formatAuthority } from '../../../shared/hostname.js'
import type { PhonesStatus } from '../../../shared/phones-schemas.js'
import type { NetworkAddress } from '../network-addresses.js'
import { judgePhoneRequest, type PhoneFile } from './judge-phone-request.js'
import { mobileconfig } from './mobileconfig.js'
import { phoneAddresses } from './phone-addresses.js'
import { PAGE_POLICY, phonePage } from './phone-page.js'
import { openPhoneServers, type PhoneServers } from './phone-servers.js'

/** What the page tells of. */
export interface PhonesOptions {
  /** the public side of the local CA */
  authority(): { pem: string; fingerprint: string; constraints: unknown }
  lan(): { enabled: boolean; mdns: boolean }
  /** the apps at their `.local` names */
  apps(): { name: string; url: string }[]
  /** hosts under `.local` that are ours */
  names(): string[]
  /** of this machine, as they are now */
  addresses(): NetworkAddress[]
  /** how long the page is there at most, in milliseconds: 10 minutes unless told */
  openMs?: number
}

const OPEN_MS = 10 * 60_000
const TOKEN_BYTES = 16

interface Opened {
  servers: PhoneServers
  urls: string[]
  expiresAt: number
  timer: NodeJS.Timeout
}

/** The page that brings the local CA to phones: there while somebody wants it, for a few minutes, at a secret path. */
export class Phones {
  readonly #options: PhonesOptions
  #opened: Opened | null = null
  #ended = false
  /** opening and closing come one after the other */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(options: PhonesOptions) {
    this.#options = options
  }

  status(): PhonesStatus {
    const opened = this.#opened
    return {
      open: opened !== null,
      urls: opened?.urls ?? [],
      expiresAt: opened === null ? null : new Date(opened.expiresAt).toISOString(),
      lan: this.#options.lan(),
    }
  }

  /**
   * Opens the page; one that is open stays, and its time begins anew.
   *
   * @throws Fault `not-found` when this machine is in no network, `listen-failed` when no port can be had
   */
  open(): Promise<PhonesStatus> {
    return this.#next(async () => {
      if (this.#ended) throw new Fault('conflict', 'Portico is stopping.')
      if (this.#opened === null) this.#opened = await this.#start()
      else this.#extend(this.#opened)
      return this.status()
    })
  }

  close(): Promise<PhonesStatus> {
    return this.#next(async () => {
      const opened = this.#opened
      this.#opened = null
      if (opened !== null) {
        clearTimeout(opened.timer)
        await opened.servers.close()
      }
      return this.status()
    })
  }

  /** For good. */
  async end(): Promise<void> {
    this.#ended = true
    await this.close()
  }

  #next<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#changes.then(change)
    this.#changes = done.catch(() => undefined)
    return done
  }

  async #start(): Promise<Opened> {
    const addresses = phoneAddresses(this.#options.addresses())
    if (addresses.length === 0) {
      throw new Fault(
        'not-found',
        'This machine is in no network that a phone could be in.',
        'Join the network that the phone is in, and try again.',
      )
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const expected = hashOf(token)
    const isToken = (text: string) => timingSafeEqual(hashOf(text), expected)
    const servers = await openPhoneServers(addresses, (request, response) => this.#answer(request, response, isToken))
    const urls = servers.open.map(({ address, port }) => `http://${formatAuthority(address, port)}/${token}/`)
    const opened = { servers, urls, expiresAt: 0, timer: setTimeout(() => undefined, 0) }
    this.#extend(opened)
    return opened
  }

  #extend(opened: Opened): void {
    const openMs = this.#options.openMs ?? OPEN_MS
    clearTimeout(opened.timer)
    opened.expiresAt = Date.now() + openMs
    opened.timer = setTimeout(() => void this.close(), openMs).unref()
  }

  #answer(request: IncomingMessage, response: ServerResponse, isToken: (text: string) => boolean): void {
    const verdict = judgePhoneRequest(
      {
        method: request.method ?? '',
        target: request.url ?? '',
        hosts: request.headersDistinct.host ?? [],
        port: request.socket.localPort ?? 0,
      },
      isToken,
      this.#options.names(),
    )
    for (const [name, value] of GUARDS) response.setHeader(name, value)
    if (verdict.kind === 'refuse') {
      if (verdict.status === 405) response.setHeader('Allow', 'GET, HEAD')
      response.writeHead(verdict.status, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' })
      response.end(request.method === 'HEAD' ? undefined : `${REFUSALS[verdict.status]}\n`)
      return
    }
    const { type, body, extra } = this.#file(verdict.file, request.headers['user-agent'] ?? '')
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length, ...extra })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  #file(file: PhoneFile, userAgent: string): { type: string; body: Buffer; extra?: Record<string, string> } {
    const { pem, fingerprint, constraints } = this.#options.authority()
    const certificate = new X509Certificate(pem)
    const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? 'Portico'
    if (file === 'certificate') {
      const extra = { 'Content-Disposition': 'attachment; filename="portico-ca.crt"' }
      return { type: 'application/x-x509-ca-cert', body: certificate.raw, extra }
    }
    if (file === 'profile') {
      return { type: 'application/x-apple-aspen-config', body: Buffer.from(mobileconfig(certificate.raw, name)) }
    }
    const { apps, lan } = this.#options
    const facts = { name, fingerprint, constrained: constraints !== null, apps: apps(), lan: lan().enabled, userAgent }
    return { type: 'text/html; charset=utf-8', body: Buffer.from(phonePage(facts)) }
  }
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

const REFUSALS = {
  400: 'This is no request.',
  404: 'There is nothing here.',
  405: 'Only reading is allowed here.',
  421: 'This is not the address of this page.',
} as const

const GUARDS: [string, string][] = [
  ['Content-Security-Policy', PAGE_POLICY],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cache-Control', 'no-store'],
]
