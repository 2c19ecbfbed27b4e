import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Children } from './children.ts'

/** The one suite that load generators offer, so that every contestant encrypts alike. */
export const CIPHER_SUITE = 'TLS_AES_128_GCM_SHA256'

export const KEY_EXCHANGE_GROUP = 'X25519'

export const BODIES = { '/1k': 1024, '/100k': 100 * 1024, '/10m': 10 * 1024 * 1024 } as const

const LOAD_GENERATOR_TLS = `openssl_conf = bench
[bench]
ssl_conf = ssl
[ssl]
system_default = tls
[tls]
MinProtocol = TLSv1.3
Ciphersuites = ${CIPHER_SUITE}
Groups = ${KEY_EXCHANGE_GROUP}
`

/** What all contestants of a run share: a temporary directory, the certificate, the bodies, and the child processes. */
export interface Lab {
  readonly dir: string
  readonly children: Children
  readonly certificate: Certificate
  /** directory that holds the bodies, one file for each key of `BODIES` */
  readonly bodiesDir: string
  /** environment for wrk and h2load: an OpenSSL configuration with one cipher suite and group */
  readonly loadEnv: NodeJS.ProcessEnv
}

export interface Certificate {
  readonly certFile: string
  readonly keyFile: string
  /** certificate and key in one file, as haproxy wants it */
  readonly pemFile: string
  readonly pem: string
}

/** Makes everything but the contestants. Nothing is left behind when it fails. */
export async function openLab(): Promise<Lab> {
  const dir = await mkdtemp(join(tmpdir(), 'portico-bench-'))
  const children = new Children()
  try {
    const certificate = await makeCertificate(children, dir)
    const bodiesDir = join(dir, 'bodies')
    await mkdir(bodiesDir)
    for (const [path, size] of Object.entries(BODIES)) await writeFile(join(bodiesDir, path), randomBytes(size))
    const opensslConf = join(dir, 'openssl.cnf')
    await writeFile(opensslConf, LOAD_GENERATOR_TLS)
    return { dir, children, certificate, bodiesDir, loadEnv: { OPENSSL_CONF: opensslConf } }
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

/** Ends every child and removes every file. Safe to call more than once. */
export async function closeLab(lab: Lab): Promise<void> {
  await lab.children.endAll()
  await rm(lab.dir, { recursive: true, force: true })
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address with a port')
  return address.port
}

/** Fills the `{{name}}` places of a peer's configuration in bench/peers. Throws for a place without a value. */
export async function fillTemplate(name: string, values: Readonly<Record<string, string | number>>): Promise<string> {
  const template = await readFile(new URL(`./peers/${name}`, import.meta.url), 'utf8')
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key]
    if (value === undefined) throw new Error(`bench/peers/${name} wants a value for {{${key}}}`)
    return String(value)
  })
}

async function makeCertificate(children: Children, dir: string): Promise<Certificate> {
  const certFile = join(dir, 'cert.pem')
  const keyFile = join(dir, 'key.pem')
  const pemFile = join(dir, 'both.pem')
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  await children.run('openssl', [...args, ...names, '-keyout', keyFile, '-out', certFile], { timeoutMs: 10_000 })
  const pem = await readFile(certFile, 'utf8')
  await writeFile(pemFile, pem + (await readFile(keyFile, 'utf8')), { mode: 0o600 })
  return { certFile, keyFile, pemFile, pem }
}
