import type { SecureContext, Server } from 'node:tls'
import { AcmeCertificates } from './acme/acme-certificates.js'
import { CertificateChoice, isFile } from './certificate-choice.js'
import type { CertificateDemand, CertificatesOptions } from './certificates-options.js'
import { SECURE_OPTIONS } from './cipher-suites.js'
import { DefaultCertificate } from './default-certificate.js'
import { FileCertificates } from './file-certificates.js'
import { DEFAULT_LEAF, leafFor } from './leaf-name.js'
import { type AuthorityInfo, LocalCa } from './local-ca.js'
import { type CertificateProblem, outsideProblem, problemOf } from './problems.js'
import { renewable } from './renewable.js'
import type { RotationChange } from './rotation.js'
import { type CertificateInfo, refusingContext } from './secure-context.js'
import { SelfSignedCertificates } from './self-signed.js'
import { TlsServers } from './tls-servers.js'

export type { CertificateDemand, CertificatesOptions } from './certificates-options.js'
export type { AuthorityInfo } from './local-ca.js'

const FILES_CHECK_MS = 1_000
const RENEWAL_CHECK_MS = 3_600_000

/** Host name in, certificate out: the local CA's leaves and the users' own certificates, loaded, renewed and watched. */
export class Certificates {
  /** for the options of the TLS server, together with `sniCallback`; `attach` brings the default certificate */
  static readonly secureOptions = SECURE_OPTIONS

  readonly #options: CertificatesOptions
  readonly #local: LocalCa
  readonly #files: FileCertificates
  readonly #selfSigned: SelfSignedCertificates
  readonly #acme: AcmeCertificates
  readonly #refusing: SecureContext
  readonly #choice: CertificateChoice
  readonly #servers: TlsServers
  readonly #default: DefaultCertificate
  readonly #timers: NodeJS.Timeout[]

  /**
   * Loads the local CA or makes it on first start, and reads the users' own certificates.
   * Rejects with a Fault (`certificate-invalid`) when the CA is damaged, expired or cannot be written.
   */
  static async open(options: CertificatesOptions): Promise<Certificates> {
    const servers = new TlsServers()
    try {
      const certificates = new Certificates(options, await openLocalCa(options, servers), servers)
      await certificates.reload()
      return certificates
    } catch (error) {
      servers.close()
      throw error
    }
  }

  private constructor(options: CertificatesOptions, local: LocalCa, servers: TlsServers) {
    const { log, now = Date.now } = options
    this.#options = options
    this.#local = local
    this.#servers = servers
    this.#default = new DefaultCertificate(local, servers, log)
    this.#files = new FileCertificates(log, now)
    this.#selfSigned = new SelfSignedCertificates(now)
    this.#acme = new AcmeCertificates({
      dataDir: options.dataDir,
      demand: options.acme ?? (() => ({ settings: null, names: [] })),
      listening: options.listening ?? (() => true),
      onChange: () => this.#acmeChanged(),
      log,
      now,
    })
    this.#refusing = refusingContext(local.info.pem)
    this.#choice = new CertificateChoice({
      options,
      local,
      files: this.#files,
      selfSigned: this.#selfSigned,
      acme: this.#acme,
      refusing: this.#refusing,
      defaultContext: () => this.defaultContext(),
    })
    this.#timers = [
      setInterval(() => void this.#files.refresh(), FILES_CHECK_MS).unref(),
      setInterval(() => void this.maintain(), RENEWAL_CHECK_MS).unref(),
    ]
  }

  get authority(): AuthorityInfo {
    return this.#local.info
  }

  /**
   * The `SNICallback` of the server; needs no `this`. It never throws, whatever the client sent or the callback does
   * (CVE-2026-21637), and never reports an error: a name that cannot be served gets a handshake alert.
   */
  readonly sniCallback = (
    servername: string,
    callback: (error: Error | null, context?: SecureContext) => void,
  ): void => {
    void this.#choice
      .contextFor(servername)
      .catch((error) => {
        this.#options.log.error({ servername, err: error }, 'no certificate for this handshake')
        return this.#refusing
      })
      .then((context) => callback(null, context))
      .catch((error) => this.#options.log.error({ servername, err: error }, 'handshake failed after its certificate'))
  }

  /** The context for clients without SNI: names localhost, the loopback addresses and the addresses of the config. */
  async defaultContext(): Promise<SecureContext> {
    return (await this.#default.get()).context
  }

  /**
   * Gives `server` its certificate for clients without SNI, keeps that renewed, and rotates its session ticket keys.
   * Returns the function that ends this. While the key of the local CA is out of reach and there is no such certificate,
   * or as long as a person takes to open it, these clients are refused. Rejects when it cannot be issued otherwise.
   */
  async attach(server: Server): Promise<() => void> {
    await this.#default.giveTo(server)
    return () => this.#servers.remove(server)
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
    return [
      ...this.#local.leaves.list(),
      ...this.#acme.list(),
      ...this.#files.list(),
      ...(await this.#selfSigned.list()),
    ]
  }

  /** The local leaf that lies on disk for a host or wildcard of the config; null when none has been issued. */
  async kept(leafName: string): Promise<CertificateInfo | null> {
    const host = leafName.startsWith('*.') ? `any${leafName.slice(1)}` : leafName
    return this.#local.leaves.kept(leafFor(host, leafName))
  }

  /** Hosts of the config that are not served as it asks, and why. */
  problems(): CertificateProblem[] {
    const outside = (demand: CertificateDemand) => outsideProblem(demand, this.authority.constraints)
    return this.#options
      .demands()
      .flatMap(
        (demand) => problemOf(demand, this.#files, this.#acme) ?? outside(demand) ?? this.#lockedOut(demand) ?? [],
      )
  }

  /** What a person has to know of the local CA itself, each with its remedy. */
  authorityProblems(): string[] {
    return this.#local.problems()
  }

  /** Whether the local CA may vouch for a host or wildcard. */
  permits(leafName: string): boolean {
    return this.#local.permits(leafName)
  }

  /**
   * Replaces the local CA, whose key is destroyed. Handshakes from now on get leaves of the new one, connections that are
   * open stay as they are.
   *
   * @throws Fault as `rotateAuthority`; the old CA serves on then
   */
  async rotate(change: RotationChange): Promise<AuthorityInfo> {
    await this.#local.rotate(change, async () => {
      await this.reload()
      this.#servers.rotateTicketKeys()
    })
    return this.authority
  }

  /**
   * Moves the key of the local CA into the keychain, or back into a file; what is served stays as it is.
   * @throws Fault when that cannot be done; the key is where it was then
   */
  async seal(sealed: boolean): Promise<AuthorityInfo> {
    await this.#local.seal(sealed)
    return this.authority
  }

  /** Why the local leaf of a name could not be renewed when it was due; null when nothing failed. */
  renewalProblem(leafName: string): string | null {
    return this.#local.leaves.problem(leafName)
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
    return (await this.#local.leaves.reissue(what.kind === 'default' ? this.#default.wish : what.wish)).info
  }

  /**
   * The config has changed: what no host wants any more is forgotten, certificate files are read where they changed,
   * all else stays. Resolves when done; never rejects.
   */
  async reload(): Promise<void> {
    const demands = this.#options.demands()
    this.#default.follow(demands.map(({ leafName }) => leafName))
    await this.#acme.sync()
    await this.#files.sync(demands.flatMap(({ source }) => (isFile(source) ? [source] : [])))
    const selfSigned = new Set(demands.filter(({ source }) => source === 'self-signed').map(({ leafName }) => leafName))
    this.#selfSigned.retain((name) => selfSigned.has(name))
    this.#local.leaves.retain((name) => name === DEFAULT_LEAF || this.#choice.wantsLeaf(name))
    await this.#default.refresh()
  }

  /** Renews the leaves that are due and deletes expired ones from the disk. Runs every hour; never rejects. */
  async maintain(): Promise<void> {
    await this.#default.refresh()
    await this.#local.maintain()
  }

  /** Ends all timers. Contexts already handed out stay valid. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#acme.close()
    this.#servers.close()
  }

  /** That a host has no certificate because the key of the local CA is out of reach; null when it has one. */
  #lockedOut({ source, leafName: host }: CertificateDemand): CertificateProblem | null {
    const reason = source === 'local' ? this.#local.leaves.missing(host) : null
    return reason === null ? null : { host, message: `no certificate could be issued, so browsers warn: ${reason}` }
  }

  /** What the local CA has served meanwhile is wanted no more. */
  #acmeChanged(): void {
    this.#local.leaves.retain((name) => name === DEFAULT_LEAF || this.#choice.wantsLeaf(name))
    this.#options.onChange?.()
  }
}

/** The leaf for clients without SNI goes to the servers whenever there is a new one. */
function openLocalCa(options: CertificatesOptions, servers: TlsServers): Promise<LocalCa> {
  const { dataDir, log, now = Date.now, leavesInMemory, onChange = () => {}, vault = null } = options
  return LocalCa.open({
    dataDir,
    log,
    now,
    leavesInMemory,
    onServed: (leaf) => {
      if (leaf.info.leafName === DEFAULT_LEAF) servers.give(leaf)
    },
    onChange,
    vault,
  })
}
