import { X509Certificate } from 'node:crypto'
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openAuthority } from '../../../../src/main/engine/tls/authority.js'
import { issuerOf } from '../../../../src/main/engine/tls/authority-key.js'
import { issueLeaf } from '../../../../src/main/engine/tls/issue.js'
import { ownerName } from '../../../../src/main/engine/tls/new-authority.js'
import { LEAF_LIFE_MS, validityFrom } from '../../../../src/main/engine/tls/renewal.js'
import { Fault } from '../../../../src/shared/fault.js'
import { openssl, temporaryDirectory } from './support.js'

test('a new CA is an EC P-256 authority for ten years that may sign leaves only', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  const authority = await openAuthority(directory, Date.now())
  const text = await openssl('x509', '-in', authority.certFile, '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus')
  expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/)
  expect(text).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
  expect(text).toContain('X509v3 Subject Key Identifier')
  expect(text).toContain('NIST CURVE: P-256')
  expect(text).toContain('ecdsa-with-SHA256')
  expect(text).toContain(ownerName())
  const years = (authority.notAfter.getTime() - Date.now()) / (365.25 * 86_400_000)
  expect(years).toBeCloseTo(10, 1)
  expect(authority.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
})

test('the CA lies in a 0700 directory, its key at 0600, and nothing else is left there', async () => {
  const dataDir = await temporaryDirectory()
  await openAuthority(path.join(dataDir, 'ca'), Date.now())
  expect(await modeOf(path.join(dataDir, 'ca'))).toBe(0o700)
  expect(await modeOf(path.join(dataDir, 'ca', 'ca.key'))).toBe(0o600)
  expect((await readdir(path.join(dataDir, 'ca'))).sort()).toEqual(['ca.key', 'ca.pem'])
  expect(await readdir(dataDir)).toEqual(['ca'])
})

test('a key that was opened to others is closed again', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  await openAuthority(directory, Date.now())
  const key = path.join(directory, 'ca.key')
  await chmod(key, 0o644)
  await openAuthority(directory, Date.now())
  expect(await modeOf(key)).toBe(0o600)
})

test('the second start loads the CA of the first', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  const first = await openAuthority(directory, Date.now())
  const second = await openAuthority(directory, Date.now())
  expect(second.fingerprint).toBe(first.fingerprint)
})

test('two starts in the same moment agree on one CA', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  const made = await Promise.all([1, 2, 3, 4].map(() => openAuthority(directory, Date.now())))
  expect(new Set(made.map(({ fingerprint }) => fingerprint)).size).toBe(1)
})

test('two CAs of one user have different names and serial numbers', async () => {
  const directory = await temporaryDirectory()
  const [a, b] = await Promise.all(['a', 'b'].map((name) => openAuthority(path.join(directory, name), Date.now())))
  expect(a!.certificate.subject).not.toBe(b!.certificate.subject)
  expect(a!.certificate.serialNumber).not.toBe(b!.certificate.serialNumber)
})

test('a leaf passes strict verification by openssl, with its fields as they should be', async () => {
  const directory = await temporaryDirectory()
  const authority = await openAuthority(path.join(directory, 'ca'), Date.now())
  const names = ['*.shop.localhost', 'shop.localhost', '127.0.0.1', '::1']
  const subject = { organization: 'Portico, "quoted" + co=1', organizationalUnit: 'jürgen@höst' }
  const leaf = await issueLeaf(await issuerOf(authority), subject, names, validityFrom(Date.now(), LEAF_LIFE_MS))
  const file = path.join(directory, 'leaf.pem')
  await writeFile(file, leaf.cert)
  const verified = await openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', authority.certFile, file)
  expect(verified).toContain('OK')
  const text = await openssl('x509', '-in', file, '-noout', '-text')
  expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE/)
  expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/)
  expect(text).toMatch(/X509v3 Extended Key Usage:\s+TLS Web Server Authentication\n/)
  expect(text).toContain('X509v3 Authority Key Identifier')
  expect(text).toContain('X509v3 Subject Key Identifier')
  expect(text).toContain('DNS:*.shop.localhost, DNS:shop.localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
  const certificate = new X509Certificate(leaf.cert)
  const life = Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)
  expect(life).toBeLessThan(90 * 86_400_000)
  expect(life).toBeGreaterThan(89 * 86_400_000)
})

const DAMAGES: Record<string, (directory: string, other: string) => Promise<void>> = {
  'ca.pem is not a certificate': (directory) => writeFile(path.join(directory, 'ca.pem'), 'junk'),
  'ca.key is not an unencrypted private key': (directory) => writeFile(path.join(directory, 'ca.key'), ''),
  'ca.key is missing': (directory) => rm(path.join(directory, 'ca.key')),
  'ca.pem is missing': (directory) => rm(path.join(directory, 'ca.pem')),
  'ca.key is not the key of ca.pem': (directory, other) =>
    cp(path.join(other, 'ca.key'), path.join(directory, 'ca.key')),
  'ca.pem is not the certificate of an authority': async (directory, other) => {
    const authority = await openAuthority(other, Date.now())
    const leaf = await issueLeaf(
      await issuerOf(authority),
      { organization: 'x', organizationalUnit: 'y' },
      ['a.test'],
      {
        notBefore: Date.now() - 1000,
        notAfter: Date.now() + 3_600_000,
      },
    )
    await writeFile(path.join(directory, 'ca.pem'), leaf.cert)
    await writeFile(path.join(directory, 'ca.key'), leaf.key)
  },
  'ca.pem is not signed by its own key': async (directory, other) => {
    await openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x'],
      ...['-CA', path.join(other, 'ca.pem'), '-CAkey', path.join(other, 'ca.key'), '-days', '9'],
      ...['-out', path.join(directory, 'ca.pem'), '-keyout', path.join(directory, 'ca.key')],
    )
  },
  'its key is not an EC P-256 key': async (directory) => {
    await openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=x', '-days', '9'],
      ...['-out', path.join(directory, 'ca.pem'), '-keyout', path.join(directory, 'ca.key')],
    )
  },
}

for (const [flaw, damage] of Object.entries(DAMAGES)) {
  test(`a CA is refused and left as it is when ${flaw}`, async () => {
    const root = await temporaryDirectory()
    const directory = path.join(root, 'ca')
    const other = path.join(root, 'other')
    await openAuthority(directory, Date.now())
    await openAuthority(other, Date.now())
    await damage(directory, other)
    const before = await contents(directory)
    const fault = await openAuthority(directory, Date.now()).catch((error) => error)
    expect(fault).toBeInstanceOf(Fault)
    expect(fault.code).toBe('certificate-invalid')
    expect(fault.message).toContain(flaw)
    expect(fault.hint).toContain('move that directory away')
    expect(await contents(directory)).toEqual(before)
  })
}

test('an expired CA is refused', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  await openAuthority(directory, Date.now())
  await expect(openAuthority(directory, Date.now() + 11 * 365.25 * 86_400_000)).rejects.toThrow('it expired on')
})

test('a directory with something else in it is refused and left as it is', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  await mkdir(directory)
  await writeFile(path.join(directory, 'notes.txt'), 'mine')
  await expect(openAuthority(directory, Date.now())).rejects.toThrow('holds other files but no local CA')
  expect(await contents(directory)).toEqual({ 'notes.txt': 'mine' })
})

test('a data directory that cannot be written is a Fault with a remedy', async () => {
  const root = await temporaryDirectory()
  const file = path.join(root, 'file')
  await writeFile(file, '')
  const fault = await openAuthority(path.join(file, 'ca'), Date.now()).catch((error) => error)
  expect(fault).toBeInstanceOf(Fault)
  expect(fault.hint).toBeTruthy()
})

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}

async function contents(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory)
  const entries = names.map(async (name) => [name, await readFile(path.join(directory, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(entries))
}
