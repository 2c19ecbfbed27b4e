import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { parseAuthority } from '../../../shared/hostname.js'
import type { ShareTool } from '../../../shared/share-schemas.js'
import type { RawHeaders } from '../gateway/headers.js'
import { readCredentials } from '../gateway/policies/basic-auth/credentials.js'
import { PasswordChecks } from '../gateway/policies/basic-auth/password-checks.js'
import type { HopGate, HopRefusal } from './hop-gate.js'

export interface ToolLogin {
  user: string
  /** as `hashScrypt` makes it */
  passwordHash: string
}

/** What a visitor could write to be taken for another one. */
const SPOKEN_FOR = new RegExp(
  [
    '^(x[-_]forwarded[-_](for|proto|host|port)|x[-_]real[-_]ip|forwarded',
    // Addresses and people as other services tell of them; Funnel's visitors are nobody of the tailnet.
    '(true|x|fastly)[-_]client[-_]ip|x[-_]cluster[-_]client[-_]ip|cf[-_]connecting[-_]ipv?6?|tailscale[-_]user[-_].*)$',
  ].join('|'),
)

/**
 * The door of a port of the loopback that only a tool should know of. What comes with another Host than the public one was
 * sent here by somebody's DNS (rebinding) or by a guess, and is refused.
 */
export class ToolGate implements HopGate {
  readonly #tool: ShareTool
  readonly #login: ToolLogin | null
  readonly #checks: PasswordChecks | null
  #public: URL | null = null

  /** @param login whom to let in; null: everybody */
  constructor(tool: ShareTool, login: ToolLogin | null) {
    this.#tool = tool
    this.#login = login
    this.#checks = login === null ? null : new PasswordChecks({ [login.user]: login.passwordHash })
  }

  /** Where visitors find it; nobody is let in before that is known. */
  opened(url: string): void {
    this.#public = new URL(url)
  }

  get publicOrigin(): string | null {
    return this.#public?.origin ?? null
  }

  admit(request: IncomingMessage): HopRefusal | null | Promise<HopRefusal | null> {
    const hosts = request.headersDistinct.host ?? []
    const written = hosts.length === 1 ? parseAuthority(hosts[0] as string) : null
    if (written === null || written.host !== this.#public?.hostname) return MISDIRECTED
    if (this.#checks === null) return null
    const credentials = readCredentials(request.headersDistinct.authorization ?? [])
    if (typeof credentials === 'string') return ASK_PASSWORD
    const right = this.#checks.check(credentials, clientOf(request, this.#tool), Date.now())
    if (right === null) return BUSY
    if (right === true) return null
    return right.then((matches) => (matches ? null : ASK_PASSWORD))
  }

  fields(request: IncomingMessage): RawHeaders {
    const { rawHeaders } = request
    const out: RawHeaders = []
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]]
      const lower = name.toLowerCase()
      // The password was for this door, and is none of the app's business.
      if (!SPOKEN_FOR.test(lower) && (lower !== 'authorization' || this.#login === null)) out.push(name, value)
    }
    const client = clientOf(request, this.#tool)
    if (this.#public === null) return out
    const { host, protocol, port } = this.#public
    const scheme = protocol.replace(':', '')
    const node = client.includes(':') ? `"[${client}]"` : client
    out.push('X-Forwarded-For', client, 'X-Forwarded-Proto', scheme, 'X-Forwarded-Host', host)
    out.push('X-Forwarded-Port', port === '' ? (scheme === 'https' ? '443' : '80') : port)
    out.push('X-Real-IP', client, 'Forwarded', `for=${node};host="${host}";proto=${scheme}`)
    return out
  }

  close(): void {
    this.#checks?.close()
  }
}

/**
 * Who the visitor is. Cloudflare writes a field of its own; the others end X-Forwarded-For with whom they saw, whatever
 * the visitor has written before it.
 */
function clientOf({ headersDistinct: fields, socket }: IncomingMessage, tool: ShareTool): string {
  const forwarded = (fields['x-forwarded-for'] ?? []).join(',').split(',').at(-1)
  const told = tool === 'cloudflared' ? (fields['cf-connecting-ip']?.at(-1) ?? forwarded) : forwarded
  const address = told?.trim() ?? ''
  return isIP(address) === 0 ? (socket.remoteAddress ?? '127.0.0.1') : address
}

const MISDIRECTED: HopRefusal = { status: 421, text: 'There is nothing here under this name.' }
const BUSY: HopRefusal = { status: 503, text: 'Try again in a moment.', fields: ['Retry-After', '1'] }
const ASK_PASSWORD: HopRefusal = {
  status: 401,
  text: 'This needs a user name and a password.',
  fields: ['WWW-Authenticate', 'Basic realm="Portico", charset="UTF-8"'],
}
