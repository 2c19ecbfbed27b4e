import { randomBytes } from 'node:crypto'
import { readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { errorCode, makePrivateDirectory, syncDirectory, writePrivateFile } from '../key-files.js'
import { parseCertificate } from '../leaf.js'
import { leafDirectoryName } from '../leaf-name.js'

/** A certificate as an ACME directory issued it. */
export interface CertificateSet {
  /** PEM, the certificate alone */
  cert: string
  /** PEM, the authorities above it; may be empty */
  chain: string
  /** PEM */
  key: string
  /** URL of the directory */
  directory: string
}

const ORIGIN = 'acme.json'
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** The certificates of ACME on disk: `<directory>/<host>/{cert,chain,key}.pem`, and where they are from. */
export class SetFiles {
  readonly #directory: string

  /** @param directory made when the first set is written */
  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * The set that lies on disk for a host or wildcard; null when there is none, or what lies there is not ACME's: the
   * local authority keeps its leaves in the same places. Rejects when it cannot be read.
   */
  async read(name: string): Promise<CertificateSet | null> {
    const { current, former } = this.#places(name)
    return (await readSet(current)) ?? (await readSet(former))
  }

  /** Puts a new set in the place of the old one, all files at once: after a crash it is the old set or the new one. */
  async write(name: string, set: CertificateSet): Promise<void> {
    const { current, former } = this.#places(name)
    const next = `${former}.${randomBytes(4).toString('hex')}.tmp`
    await makePrivateDirectory(this.#directory)
    try {
      await writeSet(next, set)
      if ((await readSet(current)) !== null || (await readSet(former)) === null) await moveAway(current, former)
      else await rm(current, { recursive: true, force: true })
      await rename(next, current)
    } catch (error) {
      await rm(next, { recursive: true, force: true })
      throw error
    }
    await syncDirectory(this.#directory)
    await rm(former, { recursive: true, force: true })
  }

  /** The plus sign is in no host name. */
  #places(name: string): { current: string; former: string } {
    const directoryName = leafDirectoryName(name)
    return {
      current: path.join(this.#directory, directoryName),
      former: path.join(this.#directory, `+former+${directoryName}`),
    }
  }
}

/** Whether a folder of a host holds a set that an ACME directory issued. Rejects when it cannot be read. */
export async function holdsSet(folder: string): Promise<boolean> {
  return (await readSet(folder)) !== null
}

/** Splits what a directory sends (RFC 8555 section 9.1) into the certificate and those above it. */
export function splitChain(pem: string): { cert: string; chain: string } {
  const [cert = '', ...chain] = pem.match(PEM) ?? []
  const asFile = (parts: string[]) => parts.map((part) => `${part}\n`).join('')
  return { cert: asFile([cert]), chain: asFile(chain) }
}

async function writeSet(directory: string, { cert, chain, key, directory: origin }: CertificateSet): Promise<void> {
  await makePrivateDirectory(directory)
  await writePrivateFile(path.join(directory, 'key.pem'), key)
  await writePrivateFile(path.join(directory, 'chain.pem'), chain)
  await writePrivateFile(path.join(directory, 'cert.pem'), cert)
  const fingerprint = parseCertificate(cert)?.fingerprint256
  await writePrivateFile(path.join(directory, ORIGIN), `${JSON.stringify({ directory: origin, fingerprint })}\n`)
}

async function readSet(directory: string): Promise<CertificateSet | null> {
  const names = [ORIGIN, 'cert.pem', 'chain.pem', 'key.pem']
  try {
    const [origin = '', cert = '', chain = '', key = ''] = await Promise.all(
      names.map((name) => readFile(path.join(directory, name), 'utf8')),
    )
    const { directory: url, fingerprint } = JSON.parse(origin) as { directory?: unknown; fingerprint?: unknown }
    if (typeof url !== 'string' || parseCertificate(cert)?.fingerprint256 !== fingerprint) return null
    return { cert, chain, key, directory: url }
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return null
    throw error
  }
}

async function moveAway(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true })
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
