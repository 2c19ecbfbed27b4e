import type { Logger } from 'pino'
import { keyBelongs, parseCertificate } from '../leaf.js'
import { type Served, serve } from '../secure-context.js'
import { type AcmeEntry, failed, follow, took, tookNew } from './acme-entry.js'
import { toAcmeError } from './acme-error.js'
import type { AcmeIssuer } from './acme-issuer.js'
import { certificateId } from './certificate-id.js'
import { pauseBetweenChecks, suggestedTime } from './schedule.js'
import type { CertificateSet, SetFiles } from './set-files.js'

export interface AttemptTools {
  files: SetFiles
  log: Logger
  /** milliseconds since the epoch */
  now: () => number
}

/** What is tried for one entry at a time: from the disk, by an order, by a question to the directory. */
export class AcmeAttempts {
  readonly #tools: AttemptTools

  constructor(tools: AttemptTools) {
    this.#tools = tools
  }

  /** Takes what lies on disk; what cannot be used is passed over. Never rejects. */
  async load(entry: AcmeEntry): Promise<void> {
    const { files, log, now } = this.#tools
    try {
      const set = await files.read(entry.name)
      if (set === null) return
      const served = servedFrom(entry.name, set)
      if (now() <= served.validity.notAfter) took(entry, served, set.directory, Math.random())
    } catch (error) {
      log.warn({ name: entry.name, err: error }, 'certificate of ACME on disk cannot be used')
    }
  }

  /**
   * Asks for a certificate. What comes of it is in the entry. Rejects with an `AcmeError` when none can be had.
   *
   * @param current false once the settings have changed: then the outcome is nobody's any more
   */
  async issue(entry: AcmeEntry, issuer: AcmeIssuer, current: () => boolean): Promise<Served> {
    const { log, now } = this.#tools
    const isRenewal = entry.served !== null && entry.directory === issuer.settings.directory
    const replaces = isRenewal && entry.served !== null ? certificateId(entry.served.certificate) : null
    const keepDraft = (draft: AcmeEntry['draft']) => {
      if (current()) entry.draft = draft
    }
    try {
      const set = await issuer.issue({ name: entry.name, draft: entry.draft, keepDraft, replaces })
      const served = servedFrom(entry.name, set)
      await this.#save(entry.name, set)
      tookNew(entry, served, set.directory, now(), Math.random())
      log.info({ name: entry.name, notAfter: served.info.notAfter }, 'certificate issued by ACME')
      return served
    } catch (thrown) {
      const error = toAcmeError(thrown)
      if (current()) {
        failed(entry, error, now(), Math.random())
        log.warn(
          { name: entry.name, reason: error.words, retryAt: new Date(entry.pausedUntil) },
          'no certificate by ACME',
        )
      }
      throw error
    }
  }

  /**
   * Asks the directory when to renew. What was suggested before holds when the directory has no answer now. Never
   * rejects.
   */
  async check(entry: AcmeEntry, issuer: AcmeIssuer): Promise<void> {
    const { now, log } = this.#tools
    const { served } = entry
    if (served === null) return
    entry.checking = true
    let pause: number | null = null
    try {
      const { window, retryAfterMs } = await issuer.renewalInfo(served.certificate)
      pause = retryAfterMs
      if (window !== null && entry.served === served)
        follow(entry, suggestedTime(window, served.validity, Math.random()), now())
    } catch (error) {
      log.info({ name: entry.name, err: error }, 'no suggestion when to renew')
    }
    entry.checkAt = now() + pauseBetweenChecks(pause, Math.random())
    entry.checking = false
  }

  /** What cannot be saved is served from memory. */
  async #save(name: string, set: CertificateSet): Promise<void> {
    await this.#tools.files.write(name, set).catch((error) => {
      this.#tools.log.warn({ name, err: error }, 'certificate of ACME not saved: it is served from memory')
    })
  }
}

/** @throws Error when the parts do not belong together */
function servedFrom(name: string, { cert, chain, key }: CertificateSet): Served {
  const certificate = parseCertificate(cert)
  if (certificate === null || !keyBelongs(certificate, key))
    throw new Error('certificate and key do not belong together')
  if (certificate.checkHost(name.replace(/^\*/, 'any')) === undefined) throw new Error('it is for another name')
  return serve(name, 'acme', { cert: cert + chain, key })
}
