import { createHash } from 'node:crypto'
import { z } from 'zod'
import { cookieValue } from '../../cookie.js'
import type { RawHeaders } from '../../headers.js'
import { cookieNames, dropCookie, setCookie } from './own-cookies.js'
import type { Sealer } from './sealer.js'

const LIFETIME_MS = 10 * 60_000
/** Tabs of one browser that may be signing in at once; the oldest gives way. */
const AT_ONCE = 4
/** Longer ones would not fit into a cookie. */
const LONGEST_TARGET = 2_000

const signInSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  /** where to go afterwards: path and query on the same host */
  target: z.string().startsWith('/'),
  /** milliseconds since the epoch */
  begunAt: z.number(),
})

export type SignIn = z.output<typeof signInSchema>

/** Sign-ins that have begun, each in a cookie of its own at the browser that began it. */
export class SignIns {
  readonly #prefix: string
  readonly #sealer: Sealer

  /** @param prefix of the names of their cookies */
  constructor(prefix: string, sealer: Sealer) {
    this.#prefix = prefix
    this.#sealer = sealer
  }

  /** Set-Cookie values that begin one. */
  begin(signIn: SignIn, host: string, request: RawHeaders): string[] {
    const others = cookieNames(request, this.#prefix).map((name) => ({ name, begunAt: this.#at(name, host, request) }))
    const surplus = others.sort((a, b) => b.begunAt - a.begunAt).slice(AT_ONCE - 1)
    const sealed = this.#sealer.seal({ ...signIn, target: shortened(signIn.target) }, this.#context(host))
    return [
      ...surplus.map(({ name }) => dropCookie(name)),
      setCookie(this.#name(signIn.state), sealed, LIFETIME_MS / 1_000),
    ]
  }

  /** The one that an answer of the provider belongs to; null when this browser did not begin it, or long ago. */
  find(state: string, host: string, request: RawHeaders, now: number): SignIn | null {
    const signIn = this.#read(this.#name(state), host, request)
    return signIn === null || signIn.state !== state || signIn.begunAt + LIFETIME_MS < now ? null : signIn
  }

  /** Set-Cookie values that end one. */
  end(state: string): string[] {
    return [dropCookie(this.#name(state))]
  }

  #at(name: string, host: string, request: RawHeaders): number {
    return this.#read(name, host, request)?.begunAt ?? 0
  }

  #read(name: string, host: string, request: RawHeaders): SignIn | null {
    const text = cookieValue(request, name)
    const parsed = text === null ? null : signInSchema.safeParse(this.#sealer.open(text, this.#context(host)))
    return parsed?.success ? parsed.data : null
  }

  #name(state: string): string {
    return `${this.#prefix}${createHash('sha256').update(state).digest('hex').slice(0, 12)}`
  }

  #context(host: string): string {
    return `sign-in ${this.#prefix} ${host}`
  }
}

function shortened(target: string): string {
  if (target.length <= LONGEST_TARGET) return target
  const [path = '/'] = target.split('?')
  return path.length <= LONGEST_TARGET ? path : '/'
}
