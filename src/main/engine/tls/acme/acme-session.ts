import type { Client } from 'acme-client'
import type { AccountFiles } from './account-files.js'
import { AcmeError } from './acme-error.js'
import type { DirectoryAnswer, DirectoryHttp } from './directory-http.js'
import type { AcmeSettings } from './settings.js'

export type AcmeLibrary = typeof import('acme-client')

/** A client of a directory with an account there. */
export interface AcmeSession {
  library: AcmeLibrary
  client: Client
  http: DirectoryHttp
}

interface SessionOptions {
  settings: AcmeSettings
  http: DirectoryHttp
  files: AccountFiles
  /** milliseconds since the epoch */
  now: number
}

/** Some directories forget their nonces quickly (RFC 8555 section 6.5): each answer that says so brings another one. */
const BAD_NONCES = 30

/**
 * Loads acme-client, which costs memory that a gateway whose certificates are on disk saves, and finds the account of
 * our key or registers one. The account's terms are agreed to: docs/config.md says so. An account that was deactivated
 * can never be used again (RFC 8555 section 7.3.6), so that another one takes its place; one that the authority has
 * revoked is a person's business. Rejects with an AcmeError.
 */
export async function openSession(options: SessionOptions): Promise<AcmeSession> {
  const library = await loadLibrary()
  const first = await register(library, options)
  if (first !== 'deactivated') return first
  await options.files.putAside(options.now)
  const second = await register(library, options)
  if (second === 'deactivated') throw new AcmeError('the ACME directory deactivates new accounts at once')
  return second
}

/** A CommonJS package, whose exports a bundler may hand out as the default. */
async function loadLibrary(): Promise<AcmeLibrary> {
  const loaded = (await import('acme-client')) as AcmeLibrary & { default?: AcmeLibrary }
  return loaded.default ?? loaded
}

async function register(library: AcmeLibrary, options: SessionOptions): Promise<AcmeSession | 'deactivated'> {
  const { settings, http, files } = options
  const key = await accountKey(library, files)
  const client = new library.Client({
    directoryUrl: settings.directory,
    accountKey: key,
    ...(settings.eab === null ? {} : { externalAccountBinding: settings.eab }),
  })
  carryBy(client, http)
  try {
    const account = await client.createAccount({ termsOfServiceAgreed: true, contact: [`mailto:${settings.email}`] })
    if (account.status === 'deactivated') return 'deactivated'
    if (account.status === 'revoked') throw revoked(null)
  } catch (error) {
    if (isDeactivated(error)) return 'deactivated'
    throw error
  }
  return { library, client, http }
}

async function accountKey(library: AcmeLibrary, files: AccountFiles): Promise<string> {
  const known = await files.read()
  if (known !== null) return known
  const key = (await library.crypto.createPrivateEcdsaKey('P-256')).toString()
  await files.write(key)
  return key
}

/** What acme-client has for HTTP: one object for the process, that tries again by itself, and hides Retry-After. */
interface Carried {
  http: {
    maxBadNonceRetries: number
    request(url: string, method: string, options?: { data?: unknown }): Promise<DirectoryAnswer>
  }
}

/** Lets a client's requests go by `http`, so that refusals come as AcmeErrors and each directory has its own CA. */
function carryBy(client: Client, http: DirectoryHttp): void {
  const carried = client as unknown as Carried
  carried.http.maxBadNonceRetries = BAD_NONCES
  carried.http.request = (url, method, { data } = {}) => http.request(url, method.toUpperCase(), data)
}

/** Whether a refusal means that the account is no more, or that a directory for tests has forgotten it. */
export function isGone(error: unknown): boolean {
  return isDeactivated(error) || (error instanceof AcmeError && error.type === 'accountDoesNotExist')
}

function isDeactivated(error: unknown): boolean {
  return error instanceof AcmeError && error.type === 'unauthorized' && /deactivated/i.test(error.message)
}

function revoked(cause: unknown): AcmeError {
  return new AcmeError('the authority has revoked the ACME account', {
    type: 'unauthorized',
    remedy: 'Ask the authority why; move the folder "acme" of the data directory away to register anew',
    cause,
  })
}
