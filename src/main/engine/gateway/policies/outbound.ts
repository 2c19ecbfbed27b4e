import dns from 'node:dns'
import { readFile } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import type { Agent, RequestInit, Response } from 'undici'
import { isLoopbackHost } from '../../../../shared/hostname.js'

const CONNECT_MS = 5_000

/**
 * Requests to services that policies rely on: providers of identities and keys. Their certificates may be signed by a
 * public authority, by Portico's own, or by one in a file.
 */
export class Outbound {
  readonly #dataDir: string
  readonly #caFile: string | null
  #agent: Promise<Agent> | null = null

  /** @param caFile absolute; null without */
  constructor(dataDir: string, caFile: string | null) {
    this.#dataDir = dataDir
    this.#caFile = caFile
  }

  /**
   * As the Fetch standard has it.
   *
   * @throws Error when there is no answer, or the CA file cannot be read
   */
  async fetch(url: string | URL, init: RequestInit): Promise<Response> {
    const [{ fetch }, dispatcher] = await Promise.all([import('undici'), this.#connected()])
    return fetch(url, { ...init, dispatcher })
  }

  close(): void {
    this.#agent?.then((agent) => agent.close()).catch(() => undefined)
    this.#agent = null
  }

  #connected(): Promise<Agent> {
    this.#agent ??= this.#open().catch((error: unknown) => {
      this.#agent = null
      throw error
    })
    return this.#agent
  }

  async #open(): Promise<Agent> {
    const { Agent } = await import('undici')
    const own = await readFile(path.join(this.#dataDir, 'ca', 'ca.pem'), 'utf8').catch(() => null)
    const ca = [...tls.getCACertificates('default'), ...(own === null ? [] : [own])]
    if (this.#caFile !== null) ca.push(await readFile(this.#caFile, 'utf8'))
    return new Agent({ connect: { ca, lookup, timeout: CONNECT_MS }, connections: 8, keepAliveTimeout: 4_000 })
  }
}

/** Names below localhost are this machine, whatever the resolver says (RFC 6761 section 6.3). */
const lookup: LookupFunction = (name, options, callback) => {
  if (name === 'localhost' || !isLoopbackHost(name)) dns.lookup(name, options, callback)
  else dns.lookup('localhost', options, callback)
}

/** The deepest reason of a request that failed, as fetch wraps them. */
export function reasonOf(error: unknown): string {
  let at = error
  while (at instanceof Error && at.cause instanceof Error) at = at.cause
  if (!(at instanceof Error)) return String(at)
  return 'code' in at && typeof at.code === 'string' ? at.code : at.message
}
