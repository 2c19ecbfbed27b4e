import { createHash } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { errorCode, makePrivateDirectory, writePrivateFile } from '../key-files.js'

const KEY = 'account.key'

/** The account keys on disk: a directory for each ACME directory, named after its host. */
export class AccountFiles {
  readonly #directory: string

  /** @param dataDir made when the first key is written @param url of the ACME directory */
  constructor(dataDir: string, url: string) {
    const unique = createHash('sha256').update(url).digest('hex').slice(0, 12)
    this.#directory = path.join(dataDir, 'acme', `${new URL(url).host.replaceAll(/[^\w.-]/g, '+')}+${unique}`)
  }

  /** PEM; null when there is none. Rejects when it cannot be read. */
  async read(): Promise<string | null> {
    try {
      return await readFile(path.join(this.#directory, KEY), 'utf8')
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null
      throw error
    }
  }

  async write(key: string): Promise<void> {
    await makePrivateDirectory(path.dirname(this.#directory))
    await makePrivateDirectory(this.#directory)
    await writePrivateFile(path.join(this.#directory, KEY), key)
  }

  /** Keeps the key of an account that is no more, which may still be wanted to revoke its certificates. */
  async putAside(now: number): Promise<void> {
    await rename(path.join(this.#directory, KEY), path.join(this.#directory, `${KEY}.deactivated-${now}`))
  }
}
