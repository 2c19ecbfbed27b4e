import { isIpLiteral } from '../../../shared/hostname.js'
import type { KeyPair } from './issue.js'
import { validityFrom } from './renewal.js'
import { type CertificateInfo, type Served, serve } from './secure-context.js'

const LIFE_MS = 30 * 24 * 3_600_000
/** A host pattern of the config has one; further names below a wildcard share it. */
const KEPT = 200

/**
 * Certificates that nobody vouches for, for apps that ask for one: to see how a client behaves when it must refuse.
 * They live in memory and are made anew at each start, so that nobody comes to trust one.
 */
export class SelfSignedCertificates {
  readonly #now: () => number
  readonly #made = new Map<string, Promise<Served>>()

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /** The certificate for a host or wildcard of the config. Rejects when it cannot be made. */
  get(name: string): Promise<Served> {
    const known = this.#made.get(name)
    if (known !== undefined) return known
    const made = this.#make(name)
    this.#made.set(name, made)
    if (this.#made.size > KEPT) this.#made.delete(this.#made.keys().next().value as string)
    made.catch(() => this.#made.delete(name))
    return made
  }

  /** Makes another one at once. Rejects when it cannot be made; the former one is forgotten then. */
  reissue(name: string): Promise<Served> {
    this.#made.delete(name)
    return this.get(name)
  }

  /** Forgets what `keep` does not want. */
  retain(keep: (name: string) => boolean): void {
    for (const name of [...this.#made.keys()]) if (!keep(name)) this.#made.delete(name)
  }

  /** What has been made; waits for what is being made. */
  async list(): Promise<CertificateInfo[]> {
    const settled = await Promise.allSettled(this.#made.values())
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value.info] : []))
  }

  /** Unless another has taken its place. */
  async #forget(name: string, served: Served): Promise<void> {
    if ((await this.#made.get(name)) === served) this.#made.delete(name)
  }

  async #make(name: string): Promise<Served> {
    const served = serve(name, 'self-signed', await issueSelfSigned(name, this.#now()))
    setTimeout(() => this.#forget(name, served), (LIFE_MS * 2) / 3).unref()
    return served
  }
}

/** EC P-256, signed with its own key. Loaded only when an app asks for one. */
async function issueSelfSigned(name: string, now: number): Promise<KeyPair> {
  const { generate } = await import('selfsigned')
  const { notBefore, notAfter } = validityFrom(now, LIFE_MS)
  const altName = isIpLiteral(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name }
  const pems = await generate([{ name: 'commonName', value: name.slice(0, 64) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(notBefore),
    notAfterDate: new Date(notAfter),
    extensions: [
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [altName] },
    ],
  })
  return { cert: pems.cert, key: pems.private }
}
