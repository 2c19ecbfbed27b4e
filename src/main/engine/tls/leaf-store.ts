import type { X509Certificate } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { holdsSet } from './acme/set-files.js'
import type { KeyPair } from './issue.js'
import { errorCode, makePrivateDirectory, writePrivateFile } from './key-files.js'
import { parseCertificate, validityOf } from './leaf.js'
import { leafDirectoryName } from './leaf-name.js'

const CERT = 'cert.pem'
const KEY = 'key.pem'

/**
 * The leaves on disk: a directory each, with the certificate and its key. Where a host has a set of ACME's, which costs
 * its directory's patience to have anew, the leaf lies beside it: `+local+<host>`. The plus sign is in no host name.
 */
export class LeafStore {
  readonly #directory: string

  /** @param directory made when the first leaf is written */
  constructor(directory: string) {
    this.#directory = directory
  }

  /** The pair as it lies on disk, unchecked; null when there is none. Rejects when it cannot be read. */
  async read(name: string): Promise<KeyPair | null> {
    const directory = await this.#place(name)
    try {
      const [cert, key] = await Promise.all([
        readFile(path.join(directory, CERT), 'utf8'),
        readFile(path.join(directory, KEY), 'utf8'),
      ])
      return { cert, key }
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null
      throw error
    }
  }

  /** A crash between the two files leaves a pair that does not match, which the next reader replaces. */
  async write(name: string, pair: KeyPair): Promise<void> {
    const directory = await this.#place(name)
    await makePrivateDirectory(this.#directory)
    await makePrivateDirectory(directory)
    await writePrivateFile(path.join(directory, KEY), pair.key)
    await writePrivateFile(path.join(directory, CERT), pair.cert)
  }

  /** Deletes the leaves that have expired at `now`: those of hosts long gone from the config. Returns how many. */
  removeExpired(now: number): Promise<number> {
    return this.#remove((certificate) => now > validityOf(certificate).notAfter)
  }

  /** Deletes the leaves that an authority has signed. Returns how many. */
  removeIssuedBy(issuer: X509Certificate): Promise<number> {
    return this.#remove((leaf) => leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey))
  }

  async #place(name: string): Promise<string> {
    const usual = path.join(this.#directory, leafDirectoryName(name))
    return (await holdsSet(usual)) ? path.join(this.#directory, `+local+${leafDirectoryName(name)}`) : usual
  }

  async #remove(unwanted: (certificate: X509Certificate) => boolean): Promise<number> {
    const directories = await readdir(this.#directory, { withFileTypes: true }).catch((error) => {
      if (errorCode(error) === 'ENOENT') return []
      throw error
    })
    let removed = 0
    for (const entry of directories) {
      const directory = path.join(this.#directory, entry.name)
      if (!entry.isDirectory()) continue
      const certificate = parseCertificate(await readFile(path.join(directory, CERT), 'utf8').catch(() => ''))
      if (certificate === null || !unwanted(certificate)) continue
      await rm(directory, { recursive: true, force: true })
      removed += 1
    }
    return removed
  }
}
