import { copyFile, mkdir, readFile, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import {
  DAY,
  eventually,
  type Gate,
  handshake,
  openGate,
  openssl,
  ownCertificate,
  temporaryDirectory,
} from './support.js'

const HOST = 'shop.example.test'

async function gateWithOwnCertificate(options: Parameters<typeof openGate>[0] = {}) {
  const directory = await temporaryDirectory()
  const source = await ownCertificate(directory, 'live', HOST)
  const gate = await openGate({ ...options, config: [{ source, leafName: HOST }] })
  return { directory, source, gate }
}

test("a user's own certificate is served and listed, and nothing is issued for its host", async () => {
  const { gate, source } = await gateWithOwnCertificate()
  expect(await served(gate)).toBe('live')
  expect(gate.issued()).toEqual(['+default'])
  expect(gate.certificates.problems()).toEqual([])
  expect(await gate.certificates.list()).toContainEqual(
    expect.objectContaining({ leafName: source.certFile, source: 'file', issuer: 'CN=live' }),
  )
})

test('an RSA certificate with its chain is served, over TLS 1.2 too', async () => {
  const directory = await temporaryDirectory()
  const certFile = path.join(directory, 'rsa.pem')
  const keyFile = path.join(directory, 'rsa.key')
  await openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', '/CN=rsa'],
    ...['-addext', `subjectAltName=DNS:${HOST}`, '-out', certFile, '-keyout', keyFile],
  )
  const other = await ownCertificate(directory, 'intermediate', 'ca.example.test')
  await writeFile(certFile, (await readFile(certFile, 'utf8')) + (await readFile(other.certFile, 'utf8')))
  const gate = await openGate({ config: [{ source: { certFile, keyFile }, leafName: HOST }] })
  const result = await handshake(gate, HOST, { rejectUnauthorized: false, maxVersion: 'TLSv1.2' })
  expect(result.cipher).toBe('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256')
  // The command's exit code speaks of the missing trust and the abrupt end: its output is what counts here.
  const target = ['-connect', `127.0.0.1:${gate.port}`, '-servername', HOST, '-showcerts']
  const shown = await openssl('s_client', ...target).catch((error) => String(error.stdout))
  expect(shown.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
})

test('a pair that is replaced on disk is seen by new handshakes', async () => {
  const { gate, source, directory } = await gateWithOwnCertificate()
  expect(await served(gate)).toBe('live')
  const next = await ownCertificate(directory, 'next', HOST)
  await rename(next.keyFile, source.keyFile)
  await rename(next.certFile, source.certFile)
  await eventually(async () => (await served(gate)) === 'next')
  expect(gate.certificates.problems()).toEqual([])
})

test('a symlink that is turned to another pair is seen', async () => {
  const root = await temporaryDirectory()
  for (const name of ['one', 'two']) {
    await mkdir(path.join(root, name))
    const files = await ownCertificate(path.join(root, name), name, HOST)
    await rename(files.certFile, path.join(root, name, 'cert.pem'))
    await rename(files.keyFile, path.join(root, name, 'key.pem'))
  }
  const live = path.join(root, 'live')
  await symlink('one', live)
  const source = { certFile: path.join(live, 'cert.pem'), keyFile: path.join(live, 'key.pem') }
  const gate = await openGate({ config: [{ source, leafName: HOST }] })
  expect(await served(gate)).toBe('one')
  await unlink(live)
  await symlink('two', live)
  await eventually(async () => (await served(gate)) === 'two')
})

const BREAKS: Record<string, (source: { certFile: string; keyFile: string }, directory: string) => Promise<void>> = {
  'half written': async ({ certFile }) => {
    const text = await readFile(certFile, 'utf8')
    await writeFile(certFile, text.slice(0, text.length / 2))
  },
  'without its key': async ({ certFile }, directory) => {
    await copyFile((await ownCertificate(directory, 'other', HOST)).certFile, certFile)
  },
  gone: ({ certFile }) => rm(certFile),
}

for (const [how, breakIt] of Object.entries(BREAKS)) {
  test(`a replacement that is ${how} keeps the old pair serving, is reported, and heals`, async () => {
    const { gate, source, directory } = await gateWithOwnCertificate()
    expect(await served(gate)).toBe('live')
    await breakIt(source, directory)
    await eventually(() => gate.certificates.problems().length > 0)
    expect(gate.certificates.problems()).toEqual([
      { host: HOST, message: expect.stringContaining('the former certificate is still served') },
    ])
    expect(gate.lines.some(({ level, msg }) => level === 40 && msg.startsWith('certificate files not usable'))).toBe(
      true,
    )
    expect(await served(gate)).toBe('live')

    const healed = await ownCertificate(directory, 'healed', HOST)
    await copyFile(healed.certFile, source.certFile)
    await copyFile(healed.keyFile, source.keyFile)
    await eventually(async () => (await served(gate)) === 'healed')
    expect(gate.certificates.problems()).toEqual([])
  })
}

test('files that are missing or wrong from the start leave the local CA serving, and are reported', async () => {
  const directory = await temporaryDirectory()
  const source = { certFile: path.join(directory, 'live.pem'), keyFile: path.join(directory, 'live.key') }
  const gate = await openGate({ config: [{ source, leafName: HOST }] })
  await handshake(gate, HOST)
  expect(gate.certificates.problems()).toEqual([
    { host: HOST, message: expect.stringMatching(/ENOENT.*; the local CA serves this host instead$/) },
  ])
  await ownCertificate(directory, 'live', HOST)
  await eventually(async () => (await served(gate)) === 'live')
  expect(gate.certificates.problems()).toEqual([])
})

test('a certificate that runs out gives way to the local CA', async () => {
  const clock = { now: Date.now() }
  const { gate } = await gateWithOwnCertificate({ now: () => clock.now })
  expect(await served(gate)).toBe('live')
  clock.now += 31 * DAY
  const { certificate } = await handshake(gate, HOST, { rejectUnauthorized: false })
  expect(certificate.issuer.O).toBe('Portico local CA')
  expect(gate.certificates.problems()[0]?.message).toMatch(/expired on .*; the local CA serves/)
})

test('a certificate that does not name its host is served as told, and reported', async () => {
  const directory = await temporaryDirectory()
  const source = await ownCertificate(directory, 'live', '*.example.test')
  const gate = await openGate({
    config: [
      { source, leafName: HOST },
      { source, leafName: '*.example.test' },
      { source, leafName: 'other.test' },
      { source, leafName: '192.0.2.1' },
    ],
  })
  expect(gate.certificates.problems().map(({ host }) => host)).toEqual(['other.test', '192.0.2.1'])
})

test('a config that turns to another certificate, or back to the local CA, is obeyed at the next handshake', async () => {
  const { gate, directory } = await gateWithOwnCertificate()
  expect(await served(gate)).toBe('live')
  gate.config[0] = { source: await ownCertificate(directory, 'next', HOST), leafName: HOST }
  expect(await served(gate)).toBe('next')
  gate.config[0] = { source: 'local', leafName: HOST }
  await gate.certificates.reload()
  await handshake(gate, HOST)
  expect((await gate.certificates.list()).map(({ source }) => source)).toEqual(['local', 'local'])
})

async function served(gate: Gate): Promise<string | undefined> {
  const { certificate } = await handshake(gate, HOST, { rejectUnauthorized: false })
  const name = certificate.subject.CN
  return Array.isArray(name) ? name[0] : name
}
