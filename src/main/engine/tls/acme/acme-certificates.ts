import path from 'node:path'
import type { Logger } from 'pino'
import { Fault } from '../../../../shared/fault.js'
import type { CertificateInfo, Served } from '../secure-context.js'
import { AcmeAttempts } from './acme-attempts.js'
import { type AcmeEntry, checkTime, issueTime, newEntry, problemWith, usable } from './acme-entry.js'
import { toAcmeError } from './acme-error.js'
import { AcmeIssuer } from './acme-issuer.js'
import { PendingChallenges } from './pending-challenges.js'
import { refusalOf } from './refusal.js'
import { SetFiles } from './set-files.js'
import type { AcmeSettings } from './settings.js'

/** What the config wants of ACME. */
export interface AcmeDemand {
  /** null when no authority is named */
  settings: AcmeSettings | null
  /** hosts and wildcards of enabled apps with `"certificate": "acme"`, normalised */
  names: readonly string[]
}

export interface AcmeOptions {
  /** holds `certs/` and `acme/`, both made when needed */
  dataDir: string
  demand: () => AcmeDemand
  /** whether authorities can reach the gateway now; while not, none is asked */
  listening: () => boolean
  /** called when a certificate came, or could not be had */
  onChange: () => void
  log: Logger
  /** milliseconds since the epoch */
  now: () => number
}

/** A clock that was put forward, or a machine that slept, is noticed within this time. */
const LOOK_MS = 60_000
const AT_ONCE = 4
/** for what is due and waits for its turn */
const SOONEST_MS = 250
const JUMP_MS = 2 * LOOK_MS
const NO_SETTINGS = 'no ACME authority is named: set "tls": {"acme": {"email": "you@example.com"}} in the config'

/**
 * The certificates that ACME directories issue: asked for once the gateway listens, one order for each name at a time,
 * renewed in time, kept on disk. Nothing runs while no app wants one, and no failure ever takes away what is served.
 */
export class AcmeCertificates {
  readonly challenges = new PendingChallenges()
  readonly #options: AcmeOptions
  readonly #attempts: AcmeAttempts
  readonly #entries = new Map<string, AcmeEntry>()
  /** names that nobody is asked for, and why */
  #refused = new Map<string, string>()
  #issuer: AcmeIssuer | null = null
  #begun = false
  #timer: NodeJS.Timeout | null = null
  #expected = 0

  constructor(options: AcmeOptions) {
    this.#options = options
    const { dataDir, log, now } = options
    this.#attempts = new AcmeAttempts({ files: new SetFiles(path.join(dataDir, 'certs')), log, now })
  }

  /** The certificate for a name of the config; null while the local CA has to serve. */
  get(name: string): Served | null {
    const entry = this.#entries.get(name)
    return entry !== undefined && usable(entry, this.#options.now()) ? entry.served : null
  }

  list(): CertificateInfo[] {
    return [...this.#entries.values()].flatMap(({ served }) => (served === null ? [] : [served.info]))
  }

  /** Why a name is not served as the config asks, and what to do; null when it is, or is not ours. */
  problem(name: string): string | null {
    const refusal = this.#refused.get(name)
    if (refusal !== undefined) return `${refusal}; the local CA serves this host instead`
    const entry = this.#entries.get(name)
    return entry === undefined ? null : problemWith(entry, this.#options.now())
  }

  /** The config has changed, or is there for the first time. Resolves when what lies on disk is loaded; never rejects. */
  async sync(): Promise<void> {
    const { settings, names } = this.#options.demand()
    this.#follow(settings)
    const reason = (name: string) => (settings === null ? NO_SETTINGS : refusalOf(name, settings))
    this.#refused = new Map(names.flatMap((name) => (reason(name) === null ? [] : [[name, reason(name) as string]])))
    for (const name of [...this.#entries.keys()])
      if (!names.includes(name) || this.#refused.has(name)) this.#entries.delete(name)
    const added = names.filter((name) => !this.#refused.has(name) && !this.#entries.has(name)).map(newEntry)
    await Promise.all(added.map((entry) => this.#attempts.load(entry)))
    for (const entry of added) if (!this.#entries.has(entry.name)) this.#entries.set(entry.name, entry)
    this.#arm()
  }

  /** The gateway listens: from now on certificates are asked for. */
  begin(): void {
    this.#begun = true
    this.#arm()
  }

  /**
   * Asks for a certificate now, and resolves when it is served.
   * @throws Fault when none can be had, or the directory has asked for a pause
   */
  async renew(name: string): Promise<Served> {
    const entry = this.#entries.get(name)
    if (entry === undefined)
      throw new Fault(
        'conflict',
        `No certificate is asked for ${name}: ${this.#refused.get(name) ?? 'its app is off'}.`,
      )
    const wait = entry.pausedUntil - this.#options.now()
    if (entry.error?.kind === 'limited' && wait > 0)
      throw new Fault('overloaded', `${entry.error.words}.`, `Ask again in ${Math.ceil(wait / 60_000)} min.`)
    if (!this.#options.listening()) throw new Fault('conflict', 'The gateway is off.', 'Turn it on: portico resume')
    try {
      return await this.#once(entry)
    } catch (error) {
      const { message, remedy } = toAcmeError(error)
      throw new Fault('certificate-invalid', `${name}: ${message}.`, remedy === '' ? undefined : `${remedy}.`)
    }
  }

  /** Does what is due, and sets the timer for what comes next. Never rejects. */
  look(): void {
    const { now, listening } = this.#options
    this.#noticeJump(now())
    const directory = this.#issuer?.settings.directory
    if (directory !== undefined && listening()) this.#doWhatIsDue(directory, now())
    this.#arm()
  }

  #doWhatIsDue(directory: string, now: number): void {
    const entries = [...this.#entries.values()]
    for (const entry of entries) if (checkTime(entry, directory) <= now) void this.#check(entry)
    const free = AT_ONCE - entries.filter(({ flight }) => flight !== null).length
    const due = entries.filter((entry) => !entry.checking && issueTime(entry, directory) <= now)
    // What it rejects with is in the entry.
    for (const entry of due.slice(0, Math.max(0, free))) this.#once(entry).catch(() => {})
  }

  /** Ends the timer and what is under way. */
  close(): void {
    this.#begun = false
    this.#issuer?.close()
    this.#issuer = null
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** New settings are tried at once, whatever the old ones led to. */
  #follow(settings: AcmeSettings | null): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#issuer?.settings ?? null)) return
    this.#issuer?.close()
    const { dataDir, now } = this.#options
    this.#issuer = settings === null ? null : new AcmeIssuer({ settings, dataDir, now, challenges: this.challenges })
    for (const entry of this.#entries.values())
      Object.assign(entry, { draft: null, flight: null, failures: 0, error: null, pausedUntil: 0 })
  }

  #once(entry: AcmeEntry): Promise<Served> {
    if (entry.flight !== null) return entry.flight
    const flight: Promise<Served> = this.#issue(entry, () => entry.flight === flight).finally(() => {
      if (entry.flight !== flight) return
      entry.flight = null
      this.#arm()
      if (this.#begun) this.#options.onChange()
    })
    entry.flight = flight
    return flight
  }

  async #issue(entry: AcmeEntry, current: () => boolean): Promise<Served> {
    if (this.#issuer === null) throw new Error(NO_SETTINGS)
    return this.#attempts.issue(entry, this.#issuer, current)
  }

  async #check(entry: AcmeEntry): Promise<void> {
    if (this.#issuer === null) return
    await this.#attempts.check(entry, this.#issuer)
    this.#arm()
  }

  /**
   * After a sleep the directory is asked again, which may have revoked what was fine before, and so is one that could not
   * be reached: the network may be another one.
   */
  #noticeJump(now: number): void {
    if (this.#expected === 0 || now - this.#expected <= JUMP_MS) return
    for (const entry of this.#entries.values()) {
      entry.checkAt = now
      if (entry.error?.kind === 'unreachable') entry.pausedUntil = Math.min(entry.pausedUntil, now)
    }
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (!this.#begun || this.#issuer === null || this.#entries.size === 0) return
    const now = this.#options.now()
    const wait = this.#options.listening() ? Math.max(this.#nextTime() - now, SOONEST_MS) : LOOK_MS
    const delay = Math.min(wait, LOOK_MS)
    this.#expected = now + delay
    this.#timer = setTimeout(() => this.look(), delay).unref()
  }

  #nextTime(): number {
    const directory = this.#issuer?.settings.directory ?? ''
    const times = [...this.#entries.values()].map((entry) =>
      Math.min(issueTime(entry, directory), checkTime(entry, directory)),
    )
    return Math.min(...times)
  }
}
