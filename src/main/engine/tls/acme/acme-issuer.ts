import type { X509Certificate } from 'node:crypto'
import { AccountFiles } from './account-files.js'
import { AcmeError, toAcmeError } from './acme-error.js'
import { type AcmeSession, isGone, openSession } from './acme-session.js'
import { DirectoryHttp } from './directory-http.js'
import { type Draft, obtainCertificate } from './order.js'
import type { PendingChallenges } from './pending-challenges.js'
import { askRenewalInfo, type RenewalInfo } from './renewal-info.js'
import { type CertificateSet, splitChain } from './set-files.js'
import type { AcmeSettings } from './settings.js'

export interface IssuerOptions {
  settings: AcmeSettings
  dataDir: string
  challenges: PendingChallenges
  /** milliseconds since the epoch */
  now: () => number
}

export interface IssueWish {
  /** host or wildcard */
  name: string
  draft: Draft | null
  keepDraft: (draft: Draft | null) => void
  replaces: string | null
}

/** One ACME directory, as the config has it now: what it is asked goes through one account. */
export class AcmeIssuer {
  readonly settings: AcmeSettings
  readonly #options: IssuerOptions
  readonly #ending = new AbortController()
  #http: Promise<DirectoryHttp> | null = null
  #session: Promise<AcmeSession> | null = null

  constructor(options: IssuerOptions) {
    this.settings = options.settings
    this.#options = options
  }

  /** Gets a certificate. An account that is no more is replaced once. Rejects with an AcmeError. */
  async issue(wish: IssueWish): Promise<CertificateSet> {
    try {
      return await this.#issue(wish)
    } catch (error) {
      if (!isGone(error)) throw toAcmeError(error)
      this.#session = null
      wish.keepDraft(null)
      return await this.#issue({ ...wish, draft: null, replaces: null }).catch((again) => {
        throw toAcmeError(again)
      })
    }
  }

  /** What the directory suggests for a certificate that it issued. Loads no library. Rejects with an AcmeError. */
  async renewalInfo(certificate: X509Certificate): Promise<RenewalInfo> {
    return askRenewalInfo(await this.#open(), this.settings.directory, certificate)
  }

  /** Ends what is under way, which then rejects. */
  close(): void {
    this.#ending.abort(new AcmeError('given up: the settings of ACME have changed or Portico ends'))
  }

  async #issue(wish: IssueWish): Promise<CertificateSet> {
    const session = await this.#account()
    const { settings, challenges } = this.#options
    const { pem, key } = await obtainCertificate({
      ...wish,
      session,
      settings,
      challenges,
      signal: this.#ending.signal,
    })
    return { ...splitChain(pem), key, directory: settings.directory }
  }

  /** A failure is not kept: the next one who asks tries anew. */
  #account(): Promise<AcmeSession> {
    if (this.#session !== null) return this.#session
    const opening = this.#openSession()
    this.#session = opening
    opening.catch(() => {
      if (this.#session === opening) this.#session = null
    })
    return opening
  }

  async #openSession(): Promise<AcmeSession> {
    const { settings, dataDir, now } = this.#options
    const files = new AccountFiles(dataDir, settings.directory)
    return openSession({ settings, http: await this.#open(), files, now: now() })
  }

  /** The file with the directory's authority is read again after a failure. */
  #open(): Promise<DirectoryHttp> {
    if (this.#http !== null) return this.#http
    const opening = DirectoryHttp.open(this.settings, this.#ending.signal, this.#options.now)
    this.#http = opening
    opening.catch(() => {
      this.#http = null
    })
    return opening
  }
}
