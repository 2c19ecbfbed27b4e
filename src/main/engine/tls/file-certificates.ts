import { readFile, stat } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { CertificateSource } from '../../../shared/config.js'
import { keyBelongs, parseCertificate, validityOf } from './leaf.js'
import { type CertificateInfo, type Served, serve } from './secure-context.js'

/** A user's own certificate: where its PEM files are. */
export type FileSource = Exclude<CertificateSource, string>

/** The pair being served, if any, and what is wrong with the files as they are now, if anything. */
interface Entry {
  source: FileSource
  served: Served | null
  problem: string | null
  /** what `signatureOf` said of the files that were last read */
  signature: string
  reading: Promise<void>
}

/**
 * The users' own certificates. A pair is served for as long as it is valid, and its files are watched: a change that
 * makes a valid pair takes its place, one that does not (half written, the wrong key) leaves the old pair serving.
 *
 * The files are watched by their status and not by file system events, because these name the wrong directory when a
 * symlink is turned (certbot, mounted secrets), and never come for files on a network or across a container's border.
 */
export class FileCertificates {
  readonly #entries = new Map<string, Entry>()
  readonly #log: Logger
  readonly #now: () => number

  /** @param now milliseconds since the epoch */
  constructor(log: Logger, now: () => number) {
    this.#log = log
    this.#now = now
  }

  /** The pair to serve now, or null when there is no valid one; waits for the first reading of the files. */
  get(source: FileSource): Served | null | Promise<Served | null> {
    const entry = this.#entry(source)
    return entry.signature === '' ? entry.reading.then(() => this.#usable(entry)) : this.#usable(entry)
  }

  /** What is wrong with the pair as it is on disk; null when nothing is known to be. */
  problem(source: FileSource): string | null {
    const entry = this.#entry(source)
    if (entry.problem !== null || entry.served === null) return entry.problem
    return this.#usable(entry) === null ? expiryProblem(entry.served) : null
  }

  /** The pair's certificate, for questions about its names; null when there is none. */
  served(source: FileSource): Served | null {
    return this.#usable(this.#entry(source))
  }

  /** Forgets all pairs but `wanted`, and reads those whose files have changed. Resolves when that is done. */
  async sync(wanted: readonly FileSource[]): Promise<void> {
    const keys = new Set(wanted.map(keyOf))
    for (const key of [...this.#entries.keys()]) if (!keys.has(key)) this.#entries.delete(key)
    for (const source of wanted) this.#entry(source)
    await this.refresh()
  }

  /** Reads the pairs whose files have changed since they were read last. Never rejects. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#entries.values()].map((entry) => this.#read(entry)))
  }

  list(): CertificateInfo[] {
    return [...this.#entries.values()].flatMap(({ served }) => (served === null ? [] : [served.info]))
  }

  #entry(source: FileSource): Entry {
    const known = this.#entries.get(keyOf(source))
    if (known !== undefined) return known
    const entry: Entry = { source, served: null, problem: null, signature: '', reading: Promise.resolve() }
    this.#entries.set(keyOf(source), entry)
    void this.#read(entry)
    return entry
  }

  /** One reading at a time for each pair, so that an older one never overtakes a newer one. */
  #read(entry: Entry): Promise<void> {
    entry.reading = entry.reading.then(() => this.#readNow(entry))
    return entry.reading
  }

  async #readNow(entry: Entry): Promise<void> {
    const { certFile, keyFile } = entry.source
    // Taken before the files are read: a change in between shows at the next look.
    const signature = `${await signatureOf(certFile)} ${await signatureOf(keyFile)}`
    if (signature === entry.signature) return
    const result = await this.#load(entry.source)
    entry.signature = signature
    if (typeof result === 'string') {
      entry.problem = result
      const effect = entry.served === null ? 'the local CA serves instead' : 'the former one is served'
      this.#log.warn({ certFile, keyFile, reason: result }, `certificate files not usable: ${effect}`)
    } else {
      entry.problem = null
      entry.served = result
      this.#log.info({ certFile, notAfter: result.info.notAfter }, 'certificate files loaded')
    }
  }

  /** The pair as it is on disk, or what is wrong with it. */
  async #load({ certFile, keyFile }: FileSource): Promise<Served | string> {
    const [cert, key] = await Promise.all([readText(certFile), readText(keyFile)])
    if (cert instanceof Error) return `the certificate cannot be read: ${cert.message}`
    if (key instanceof Error) return `the key cannot be read: ${key.message}`
    const certificate = parseCertificate(cert)
    if (certificate === null) return `${certFile} is not a certificate in PEM form`
    if (!keyBelongs(certificate, key)) return `${keyFile} is not the unencrypted private key of ${certFile}`
    try {
      const served = serve(certFile, 'file', { cert, key })
      return this.#now() > served.validity.notAfter ? expiryProblem(served) : served
    } catch (error) {
      return `${certFile} cannot serve TLS: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  #usable({ served }: Entry): Served | null {
    return served !== null && this.#now() <= served.validity.notAfter ? served : null
  }
}

function keyOf({ certFile, keyFile }: FileSource): string {
  return `${certFile}\0${keyFile}`
}

/** Changes whenever the file does: also when it is replaced within the clock's resolution, or its symlink is turned. */
async function signatureOf(file: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return `${ino}:${size}:${mtimeNs}:${ctimeNs}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function readText(file: string): Promise<string | Error> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function expiryProblem({ info, certificate }: Served): string {
  return `${info.leafName} expired on ${new Date(validityOf(certificate).notAfter).toISOString()}`
}
