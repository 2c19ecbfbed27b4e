import { randomBytes } from 'node:crypto'
import path from 'node:path'
import type { SecureContext, Server } from 'node:tls'
import type { Logger } from 'pino'
import type { CertificateSource } from '../../../shared/config.js'
import { isIpLiteral, normaliseHostname } from '../../../shared/hostname.js'
import { AcmeCertificates, type AcmeDemand } from './acme/acme-certificates.js'
import { type Authority, openAuthority } from './authority.js'
import { SECURE_OPTIONS } from './cipher-suites.js'
import { FileCertificates, type FileSource } from './file-certificates.js'
import { DEFAULT_LEAF, defaultLeaf, type LeafWish, leafFor } from './leaf-name.js'
import { LeafStore } from './leaf-store.js'
import { Leaves } from './leaves.js'
import { permits } from './permitted-names.js'
import { authorityProblems, type CertificateProblem, outsideProblem, problemOf } from './problems.js'
import { renewable } from './renewable.js'
import { type RotationChange, rotateAuthority } from './rotation.js'
import { type CertificateInfo, refusingContext, type Served } from './secure-context.js'
import { SelfSignedCertificates } from './self-signed.js'

const FILES_CHECK_MS = 1_000
const RENEWAL_CHECK_MS = 3_600_000
const TICKET_KEYS_MS = 12 * 3_600_000
const TICKET_KEYS_BYTES = 48
const LEAVES_IN_MEMORY = 1_000

export interface CertificateDemand {
  source: CertificateSource
  /** what the config names: the exact host, or the wildcard above it, such as `*.shop.localhost`; normalised */
  leafName: string
}

export interface CertificatesOptions {
  /** holds `ca/` and `certs/`, both made when needed */
  dataDir: string
  /**
   * Which certificate a host (normalised, no port) wants; null when no app owns it. Called at every handshake, and
   * whatever it answers then counts.
   */
  demandFor: (host: string) => CertificateDemand | null
  /** one demand for every host of the config: their files are watched, their addresses go into the default leaf */
  demands: () => readonly CertificateDemand[]
  /** what a client gets whose SNI names no host of ours: the default leaf, or a handshake alert */
  unknownHosts: () => 'default' | 'reject'
  /** what the config wants of ACME authorities; nothing unless told */
  acme?: () => AcmeDemand
  /** whether authorities can reach the gateway now; while not, none is asked */
  listening?: () => boolean
  /** called when a certificate of ACME came, or could not be had, and when the local CA is about to end */
  onChange?: () => void
  log: Logger
  /** milliseconds since the epoch */
  now?: () => number
  /** how many local leaves stay in memory, 1000 unless told */
  leavesInMemory?: number
}

/** The public side of the local CA; its key is nowhere in reach. */
export type AuthorityInfo = Pick<Authority, 'certFile' | 'pem' | 'fingerprint' | 'notAfter' | 'constraints' | 'former'>

/** Host name in, certificate out: the local CA's leaves and the users' own certificates, loaded, renewed and watched. */
export class Certificates {
  /** for the options of the TLS server, together with `sniCallback`; `attach` brings the default certificate */
  static readonly secureOptions = SECURE_OPTIONS

  readonly #options: CertificatesOptions
  #authority: Authority
  #leaves: Leaves
  #rotations: Promise<unknown> = Promise.resolve()
  #problemsTold = 0
  readonly #store: LeafStore
  readonly #files: FileCertificates
  readonly #selfSigned: SelfSignedCertificates
  readonly #acme: AcmeCertificates
  readonly #refusing: SecureContext
  readonly #now: () => number
  readonly #servers = new Set<Server>()
  #defaultWish: LeafWish = defaultLeaf([])
  readonly #timers: NodeJS.Timeout[]

  /**
   * Loads the local CA or makes it on first start, and reads the users' own certificates.
   * Rejects with a Fault (`certificate-invalid`) when the CA is damaged, expired or cannot be written.
   */
  static async open(options: CertificatesOptions): Promise<Certificates> {
    const authority = await openAuthority(authorityDirectory(options), (options.now ?? Date.now)())
    const certificates = new Certificates(options, authority)
    await certificates.reload()
    return certificates
  }

  private constructor(options: CertificatesOptions, authority: Authority) {
    const log = options.log
    this.#authority = authority
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#store = new LeafStore(path.join(options.dataDir, 'certs'))
    this.#files = new FileCertificates(log, this.#now)
    this.#selfSigned = new SelfSignedCertificates(this.#now)
    this.#acme = new AcmeCertificates({
      dataDir: options.dataDir,
      demand: options.acme ?? (() => ({ settings: null, names: [] })),
      listening: options.listening ?? (() => true),
      onChange: () => this.#acmeChanged(),
      log,
      now: this.#now,
    })
    this.#refusing = refusingContext(authority.pem)
    this.#leaves = this.#leavesOf(authority)
    this.#problemsTold = this.authorityProblems().length
    this.#timers = [
      setInterval(() => void this.#files.refresh(), FILES_CHECK_MS).unref(),
      setInterval(() => void this.maintain(), RENEWAL_CHECK_MS).unref(),
      setInterval(() => this.#rotateTicketKeys(), TICKET_KEYS_MS).unref(),
    ]
  }

  get authority(): AuthorityInfo {
    const { certFile, pem, fingerprint, notAfter, constraints, former } = this.#authority
    return { certFile, pem, fingerprint, notAfter, constraints, former }
  }

  /**
   * The `SNICallback` of the server; needs no `this`. It never throws, whatever the client sent or the callback does
   * (CVE-2026-21637), and never reports an error: a name that cannot be served gets a handshake alert.
   */
  readonly sniCallback = (
    servername: string,
    callback: (error: Error | null, context?: SecureContext) => void,
  ): void => {
    void this.#contextFor(servername)
      .catch((error) => {
        this.#options.log.error({ servername, err: error }, 'no certificate for this handshake')
        return this.#refusing
      })
      .then((context) => callback(null, context))
      .catch((error) => this.#options.log.error({ servername, err: error }, 'handshake failed after its certificate'))
  }

  /** The context for clients without SNI: names localhost, the loopback addresses and the addresses of the config. */
  async defaultContext(): Promise<SecureContext> {
    return (await this.#default()).context
  }

  /**
   * Gives `server` its certificate for clients without SNI, keeps that renewed, and rotates its session ticket keys.
   * Returns the function that ends this. Rejects when the default leaf cannot be issued.
   */
  async attach(server: Server): Promise<() => void> {
    this.#servers.add(server)
    setContext(server, await this.#default())
    return () => void this.#servers.delete(server)
  }

  /** What ACME authorities may find here, each only while it is waited for. */
  get challenges(): AcmeCertificates['challenges'] {
    return this.#acme.challenges
  }

  /** The gateway listens: from now on ACME authorities are asked. */
  begin(): void {
    this.#acme.begin()
  }

  /** What is in memory and on watch: a handshake may add to it. */
  async list(): Promise<CertificateInfo[]> {
    return [...this.#leaves.list(), ...this.#acme.list(), ...this.#files.list(), ...(await this.#selfSigned.list())]
  }

  /** The local leaf that lies on disk for a host or wildcard of the config; null when none has been issued. */
  async kept(leafName: string): Promise<CertificateInfo | null> {
    const host = leafName.startsWith('*.') ? `any${leafName.slice(1)}` : leafName
    return this.#leaves.kept(leafFor(host, leafName))
  }

  /** Hosts of the config that are not served as it asks, and why. */
  problems(): CertificateProblem[] {
    const outside = (demand: CertificateDemand) => outsideProblem(demand, this.#authority.constraints)
    return this.#options
      .demands()
      .flatMap((demand) => problemOf(demand, this.#files, this.#acme) ?? outside(demand) ?? [])
  }

  /** What a person has to know of the local CA itself, each with its remedy. */
  authorityProblems(): string[] {
    return authorityProblems(this.#authority, this.#now())
  }

  /** Whether the local CA may vouch for a host or wildcard. */
  permits(leafName: string): boolean {
    return permits(this.#authority.constraints, leafName)
  }

  /**
   * Replaces the local CA, whose key is destroyed. Handshakes from now on get leaves of the new one, connections that are
   * open stay as they are.
   *
   * @throws Fault as `rotateAuthority`; the old CA serves on then
   */
  rotate(change: RotationChange): Promise<AuthorityInfo> {
    const rotated = this.#rotations.then(() => this.#rotate(change))
    this.#rotations = rotated.catch(() => undefined) // told to who asked
    return rotated
  }

  /** Why the local leaf of a name could not be renewed when it was due; null when nothing failed. */
  renewalProblem(leafName: string): string | null {
    return this.#leaves.problem(leafName)
  }

  /**
   * Issues the certificate of a name anew: handshakes from now on get it, connections that are open stay as they are.
   *
   * @param name host, wildcard, or `+default`
   * @throws Fault for a name that nobody answers to, and for one with a certificate of the user's own
   */
  async renew(name: string): Promise<CertificateInfo> {
    const what = renewable(name, this.#options.demandFor)
    if (what.kind === 'self-signed') return (await this.#selfSigned.reissue(what.leafName)).info
    if (what.kind === 'acme') return (await this.#acme.renew(what.leafName)).info
    return (await this.#leaves.reissue(what.kind === 'default' ? this.#defaultWish : what.wish)).info
  }

  /**
   * The config has changed: what no host wants any more is forgotten, certificate files are read where they changed,
   * all else stays. Resolves when done; never rejects.
   */
  async reload(): Promise<void> {
    const demands = this.#options.demands()
    this.#defaultWish = defaultLeaf(demands.map(({ leafName }) => leafName).filter((name) => this.permits(name)))
    await this.#acme.sync()
    await this.#files.sync(demands.flatMap(({ source }) => (isFile(source) ? [source] : [])))
    const selfSigned = new Set(demands.filter(({ source }) => source === 'self-signed').map(({ leafName }) => leafName))
    this.#selfSigned.retain((name) => selfSigned.has(name))
    this.#leaves.retain((name) => name === DEFAULT_LEAF || this.#isWanted(name))
    if (this.#servers.size > 0) await this.#refreshDefault()
  }

  /** Renews the leaves that are due and deletes expired ones from the disk. Runs every hour; never rejects. */
  async maintain(): Promise<void> {
    if (this.#servers.size > 0) await this.#refreshDefault()
    await this.#leaves.renewDue()
    await this.#store.removeExpired(this.#now()).catch((error) => {
      this.#options.log.warn({ err: error }, 'expired certificates not deleted')
    })
    const problems = this.authorityProblems().length
    if (problems !== this.#problemsTold) this.#options.onChange?.()
    this.#problemsTold = problems
  }

  /** Ends all timers. Contexts already handed out stay valid. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#acme.close()
    this.#servers.clear()
  }

  async #contextFor(servername: string): Promise<SecureContext> {
    const host = normaliseHostname(servername)
    const demand = host === null ? null : this.#options.demandFor(host)
    if (host === null || demand === null) return this.#contextForUnknown(host)
    if (isFile(demand.source)) {
      const served = await this.#files.get(demand.source)
      if (served !== null) return served.context
    }
    if (demand.source === 'self-signed') return (await this.#selfSigned.get(demand.leafName)).context
    const wish = leafFor(host, demand.leafName)
    const isAcme = demand.source === 'acme'
    const issued = isAcme && wish.name === demand.leafName ? this.#acme.get(demand.leafName) : null
    if (issued !== null) return issued.context
    // While ACME or a file has no certificate to offer, the local CA serves.
    // A host that the CA may not vouch for is served all the same, to whoever goes on past the warning.
    if (isIpLiteral(host) || !this.permits(demand.leafName)) return this.defaultContext()
    return (await this.#leaves.get(isAcme ? { ...wish, keep: false } : wish)).context
  }

  async #rotate(change: RotationChange): Promise<AuthorityInfo> {
    const former = this.#authority
    const directory = authorityDirectory(this.#options)
    await rotateAuthority(directory, this.#now(), change)
    this.#authority = await openAuthority(directory, this.#now())
    this.#leaves = this.#leavesOf(this.#authority)
    await this.#store.removeIssuedBy(former.certificate).catch((error) => {
      this.#options.log.warn({ err: error }, 'certificates of the former CA not deleted')
    })
    await this.reload()
    this.#rotateTicketKeys()
    this.#options.log.info({ former: former.fingerprint, fingerprint: this.authority.fingerprint }, 'local CA replaced')
    return this.authority
  }

  /** Those of a former authority that are still being issued go to nobody else. */
  #leavesOf(authority: Authority): Leaves {
    const leaves: Leaves = new Leaves({
      authority,
      store: this.#store,
      log: this.#options.log,
      now: this.#now,
      limit: this.#options.leavesInMemory ?? LEAVES_IN_MEMORY,
      onServed: (leaf) => leaves === this.#leaves && this.#giveToServers(leaf),
    })
    return leaves
  }

  /** An address is no SNI (RFC 6066 section 3): who sends one gets what clients without SNI get. */
  async #contextForUnknown(host: string | null): Promise<SecureContext> {
    const isDefaultName = host !== null && (host === 'localhost' || isIpLiteral(host))
    return isDefaultName || this.#options.unknownHosts() === 'default' ? this.defaultContext() : this.#refusing
  }

  async #default(): Promise<Served> {
    return this.#leaves.get(this.#defaultWish)
  }

  async #refreshDefault(): Promise<void> {
    await this.#default().catch((error) => {
      this.#options.log.error({ err: error }, 'default certificate not issued: the old one is served')
    })
  }

  #isWanted(name: string): boolean {
    const host = name.startsWith('*.') ? `any${name.slice(1)}` : name
    const demand = this.#options.demandFor(host)
    if (
      demand === null ||
      demand.source === 'self-signed' ||
      (demand.source === 'acme' && name === demand.leafName && this.#acme.get(name) !== null) ||
      (isFile(demand.source) && this.#files.served(demand.source) !== null)
    )
      return false
    return leafFor(host, demand.leafName).name === name
  }

  /** What the local CA has served meanwhile is wanted no more. */
  #acmeChanged(): void {
    this.#leaves.retain((name) => name === DEFAULT_LEAF || this.#isWanted(name))
    this.#options.onChange?.()
  }

  #giveToServers(leaf: Served): void {
    if (leaf.info.leafName !== DEFAULT_LEAF) return
    for (const server of this.#servers) setContext(server, leaf)
  }

  #rotateTicketKeys(): void {
    for (const server of this.#servers) server.setTicketKeys(randomBytes(TICKET_KEYS_BYTES))
  }
}

function authorityDirectory({ dataDir }: CertificatesOptions): string {
  return path.join(dataDir, 'ca')
}

function setContext(server: Server, { pair }: Served): void {
  server.setSecureContext({ ...SECURE_OPTIONS, ...pair })
}

function isFile(source: CertificateSource): source is FileSource {
  return typeof source !== 'string'
}
