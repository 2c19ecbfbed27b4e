import { once } from 'node:events'
import { chmod, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import http2 from 'node:http2'
import { createServer } from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import { expect, test, vi } from 'vitest'
import { type CertificateDemand, Certificates } from '../../../../src/main/engine/tls/certificates.js'
import { DAY, eventually, exchangeBytes, type Gate, handshake, openGate, openssl } from './support.js'

const SHOP: CertificateDemand = { source: 'local', leafName: 'shop.localhost' }
const SHOPS: CertificateDemand = { source: 'local', leafName: '*.shop.localhost' }

test('a handshake verifies against the CA and the name', async () => {
  const gate = await openGate({ config: [SHOP] })
  const { certificate, protocol } = await handshake(gate, 'shop.localhost')
  expect(certificate.subjectaltname).toBe('DNS:shop.localhost')
  expect(protocol).toBe('TLSv1.3')
  expect(await gate.certificates.list()).toContainEqual(
    expect.objectContaining({
      leafName: 'shop.localhost',
      source: 'local',
      issuer: expect.stringContaining('CN=Portico '),
      fingerprint: certificate.fingerprint256,
      notAfter: new Date(certificate.valid_to),
    }),
  )
})

test('a hundred first handshakes in the same moment issue one leaf', async () => {
  const gate = await openGate({ config: [SHOP] })
  const seen = await Promise.all(Array.from({ length: 100 }, () => handshake(gate, 'shop.localhost')))
  expect(new Set(seen.map(({ certificate }) => certificate.fingerprint256)).size).toBe(1)
  expect(gate.issued().filter((leaf) => leaf === 'shop.localhost')).toHaveLength(1)
})

test('the leaf and its key lie on disk for their owner only, and serve the next start', async () => {
  const first = await openGate({ config: [SHOP] })
  const { certificate } = await handshake(first, 'shop.localhost')
  const certs = path.join(first.dataDir, 'certs')
  const leaf = path.join(certs, 'shop.localhost')
  expect(await Promise.all([certs, leaf].map(modeOf))).toEqual([0o700, 0o700])
  expect(await Promise.all(['cert.pem', 'key.pem'].map((name) => modeOf(path.join(leaf, name))))).toEqual([
    0o600, 0o600,
  ])
  expect((await readdir(leaf)).sort()).toEqual(['cert.pem', 'key.pem'])

  const second = await openGate({ config: [SHOP], dataDir: first.dataDir })
  expect((await handshake(second, 'shop.localhost')).certificate.fingerprint256).toBe(certificate.fingerprint256)
  expect(second.issued()).toEqual([])
})

test('a directory of leaves that was opened to others is closed when the next leaf is written', async () => {
  const gate = await openGate({ config: [SHOP] })
  const certs = path.join(gate.dataDir, 'certs')
  await chmod(certs, 0o755)
  await handshake(gate, 'shop.localhost')
  expect(await modeOf(certs)).toBe(0o700)
})

test('upper case, a trailing dot and an IDN reach the leaf of the name', async () => {
  const gate = await openGate({ config: [SHOP, { source: 'local', leafName: 'xn--bcher-kva.localhost' }] })
  for (const sent of ['SHOP.LocalHost', 'shop.localhost.']) {
    const { certificate } = await handshake(gate, sent, { checkServerIdentity: () => undefined })
    expect(certificate.subjectaltname).toBe('DNS:shop.localhost')
  }
  const { certificate } = await handshake(gate, 'xn--bcher-kva.localhost')
  expect(certificate.subjectaltname).toBe('DNS:xn--bcher-kva.localhost')
  expect(await contextName(gate, 'Bücher.localhost')).toBe(await contextName(gate, 'xn--bcher-kva.localhost'))
  expect(gate.issued().sort()).toEqual(['+default', 'shop.localhost', 'xn--bcher-kva.localhost'])
})

test('each depth under a wildcard gets a leaf that clients accept', async () => {
  const gate = await openGate({ config: [SHOPS] })
  const names = new Map<string, string | undefined>()
  for (const host of ['a.shop.localhost', 'b.shop.localhost', 'x.b.shop.localhost', 'x.y.z.shop.localhost']) {
    names.set(host, (await handshake(gate, host)).certificate.subjectaltname)
  }
  expect([...names.values()]).toEqual([
    'DNS:*.shop.localhost',
    'DNS:*.shop.localhost',
    'DNS:*.b.shop.localhost',
    'DNS:*.y.z.shop.localhost',
  ])
  expect((await readdir(path.join(gate.dataDir, 'certs'))).sort()).toEqual(['+default', 'wildcard+shop.localhost'])
})

test('a wildcard straight below a top-level domain gets a leaf for each host', async () => {
  const gate = await openGate({ config: [{ source: 'local', leafName: '*.localhost' }] })
  expect((await handshake(gate, 'one.localhost')).certificate.subjectaltname).toBe('DNS:one.localhost')
  expect((await handshake(gate, 'a.two.localhost')).certificate.subjectaltname).toBe('DNS:*.two.localhost')
})

test('random names under a wildcard fill neither the memory nor the disk', async () => {
  const gate = await openGate({ config: [{ source: 'local', leafName: '*.localhost' }], leavesInMemory: 8 })
  for (let i = 0; i < 40; i += 1) await handshake(gate, `random-${i}.localhost`)
  expect((await gate.certificates.list()).length).toBeLessThanOrEqual(8)
  expect(await readdir(path.join(gate.dataDir, 'certs'))).toEqual(['+default'])
})

test('more first handshakes at once than are bearable are refused, and the rest served', async () => {
  const gate = await openGate({ config: [{ source: 'local', leafName: '*.localhost' }] })
  const contexts = await Promise.all(Array.from({ length: 400 }, (_, i) => contextName(gate, `flood-${i}.localhost`)))
  const served = new Set(contexts)
  expect(served.size).toBe(257)
  expect((await handshake(gate, 'flood-399.localhost')).certificate.subjectaltname).toBe('DNS:flood-399.localhost')
})

test('without SNI, and by address, the default leaf names localhost and the loopback addresses', async () => {
  const gate = await openGate({ config: [SHOP, { source: 'local', leafName: '192.168.2.7' }] })
  const { certificate } = await handshake(gate, '', { host: '127.0.0.1' })
  expect(certificate.subjectaltname).toBe(
    'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:192.168.2.7',
  )
  expect((await handshake(gate, 'localhost')).certificate.fingerprint256).toBe(certificate.fingerprint256)
  expect(await contextName(gate, '127.0.0.1')).toBe(await contextName(gate, 'localhost'))
  expect(await contextName(gate, '192.168.2.7')).toBe(await contextName(gate, 'localhost'))
})

test('an address added to the config gets into the default leaf without a restart', async () => {
  const gate = await openGate({ config: [] })
  gate.config.push({ source: 'local', leafName: '192.168.2.9' })
  await gate.certificates.reload()
  expect((await handshake(gate, '')).certificate.subjectaltname).toContain('IP Address:192.168.2.9')
})

test('an unknown SNI gets the default certificate, and issues nothing', async () => {
  const gate = await openGate({ config: [SHOP] })
  const { certificate } = await handshake(gate, 'other.test', { checkServerIdentity: () => undefined })
  expect(certificate.subjectaltname).toContain('DNS:localhost')
  expect(gate.issued()).toEqual(['+default'])
})

test('an unknown SNI gets a handshake alert when the config says reject; the others are served', async () => {
  const gate = await openGate({ config: [SHOP], unknownHosts: () => 'reject' })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const error = await handshake(gate, 'other.test', { maxVersion }).catch((reason) => reason)
    expect(error.code).toMatch(/ALERT_HANDSHAKE_FAILURE$/)
  }
  await handshake(gate, 'shop.localhost')
  await handshake(gate, 'localhost')
  await handshake(gate, '')
})

test('garbage in the SNI never harms the server', async () => {
  const gate = await openGate({ config: [SHOP, SHOPS] })
  const hello = await clientHello('xxxxxx.shop.localhost')
  const at = hello.indexOf('xxxxxx')
  expect(at).toBeGreaterThan(0)
  for (const junk of [
    '\0\0\0\0\0\0',
    'a\0b\0cd',
    '......',
    '*.*.*.',
    '\xff\xfe\xfd\xfc\xfb\xfa',
    '/../..',
    ' a\r\nb ',
    '%2e%2e',
  ]) {
    const bytes = Buffer.from(hello)
    bytes.write(junk.padEnd(6, '\0'), at, 'latin1')
    const [type] = await exchangeBytes(gate.port, bytes)
    expect([0x15 /* alert */, 0x16 /* handshake */]).toContain(type)
  }
  await handshake(gate, 'shop.localhost')
  // One of them is an internationalised name below the wildcard.
  expect(gate.issued().sort()).toEqual(['*.shop.localhost', '+default', 'shop.localhost'])
})

test('the SNI callback never throws, whatever it is given and whatever its callback does', async () => {
  const gate = await openGate({ config: [SHOP] })
  for (const name of [
    '',
    '.',
    '..',
    '\0',
    'a'.repeat(5000),
    'ä'.repeat(400),
    '[::1]',
    '::1',
    '__proto__',
    'constructor',
  ]) {
    expect(await contextName(gate, name)).toBe(await contextName(gate, 'localhost'))
  }
  const { sniCallback } = gate.certificates
  expect(() =>
    sniCallback('shop.localhost', () => {
      throw new Error('socket is gone')
    }),
  ).not.toThrow()
  await eventually(() => gate.lines.some(({ msg }) => msg === 'handshake failed after its certificate'))
})

test('a leaf is renewed at two thirds of its life while the old one is still served', async () => {
  const clock = { now: Date.now() - 61 * DAY }
  const gate = await openGate({ config: [SHOP], now: () => clock.now })
  const before = (await handshake(gate, 'shop.localhost')).certificate.fingerprint256
  clock.now += 59 * DAY
  expect((await handshake(gate, 'shop.localhost')).certificate.fingerprint256).toBe(before)
  clock.now += 2 * DAY
  expect((await handshake(gate, 'shop.localhost')).certificate.fingerprint256).toBe(before)
  const after = await eventually(async () => {
    const { fingerprint256 } = (await handshake(gate, 'shop.localhost')).certificate
    return fingerprint256 !== before && fingerprint256
  })
  expect(await onDisk(gate, 'shop.localhost')).toContain(after)
})

test('without any handshake the regular check renews leaves, the default one on the running server', async () => {
  const clock = { now: Date.now() - 61 * DAY }
  const gate = await openGate({ config: [SHOP], now: () => clock.now })
  const before = [await handshake(gate, 'shop.localhost'), await handshake(gate, '')]
  clock.now += 61 * DAY
  await gate.certificates.maintain()
  const after = [await handshake(gate, 'shop.localhost'), await handshake(gate, '')]
  expect(after[0]!.certificate.fingerprint256).not.toBe(before[0]!.certificate.fingerprint256)
  expect(after[1]!.certificate.fingerprint256).not.toBe(before[1]!.certificate.fingerprint256)
})

test('an expired leaf is replaced before the handshake, and deleted when its host is gone', async () => {
  const clock = { now: Date.now() - 100 * DAY }
  const gate = await openGate({ config: [SHOP, SHOPS], now: () => clock.now })
  await contextName(gate, 'shop.localhost')
  await contextName(gate, 'a.shop.localhost')
  clock.now = Date.now()
  await handshake(gate, 'shop.localhost')
  expect(gate.issued().filter((leaf) => leaf === 'shop.localhost')).toHaveLength(2)
  gate.config.splice(1, 1)
  await gate.certificates.reload()
  await gate.certificates.maintain()
  expect((await readdir(path.join(gate.dataDir, 'certs'))).sort()).toEqual(['+default', 'shop.localhost'])
})

test('leaves of a former CA are re-issued', async () => {
  const first = await openGate({ config: [SHOP] })
  await handshake(first, 'shop.localhost')
  await rename(path.join(first.dataDir, 'ca'), path.join(first.dataDir, 'former-ca'))
  const second = await openGate({ config: [SHOP], dataDir: first.dataDir })
  await handshake(second, 'shop.localhost')
  expect(second.issued()).toEqual(['+default', 'shop.localhost'])
  const file = path.join(second.dataDir, 'certs', 'shop.localhost', 'cert.pem')
  expect(await openssl('verify', '-x509_strict', '-CAfile', second.certificates.authority.certFile, file)).toContain(
    'OK',
  )
})

for (const [damage, file, content] of [
  ['a certificate that is junk', 'cert.pem', 'junk'],
  ['an empty key', 'key.pem', ''],
] as const) {
  test(`a leaf on disk with ${damage} is re-issued`, async () => {
    const first = await openGate({ config: [SHOP] })
    await handshake(first, 'shop.localhost')
    await writeFile(path.join(first.dataDir, 'certs', 'shop.localhost', file), content)
    const second = await openGate({ config: [SHOP], dataDir: first.dataDir })
    await handshake(second, 'shop.localhost')
    expect(second.issued()).toEqual(['shop.localhost'])
  })
}

test('a key of another leaf, as a crash between two writes leaves it, is re-issued', async () => {
  const first = await openGate({ config: [SHOP] })
  await handshake(first, 'shop.localhost')
  const certs = path.join(first.dataDir, 'certs')
  await writeFile(
    path.join(certs, 'shop.localhost', 'key.pem'),
    await readFile(path.join(certs, '+default', 'key.pem')),
  )
  const second = await openGate({ config: [SHOP], dataDir: first.dataDir })
  await handshake(second, 'shop.localhost')
  expect(second.issued()).toEqual(['shop.localhost'])
})

test('a leaf that cannot be saved is served all the same', async () => {
  const first = await openGate({ config: [] })
  await writeFile(path.join(first.dataDir, 'certs', 'shop.localhost'), 'a file where a directory must be')
  const second = await openGate({ config: [SHOP], dataDir: first.dataDir })
  await handshake(second, 'shop.localhost')
  expect(second.lines.some(({ msg }) => msg.startsWith('certificate not saved'))).toBe(true)
})

test('a host that leaves the config is forgotten at the reload, the others keep their leaf', async () => {
  const gate = await openGate({ config: [SHOP, { source: 'local', leafName: 'api.localhost' }] })
  const { fingerprint256 } = (await handshake(gate, 'shop.localhost')).certificate
  await handshake(gate, 'api.localhost')
  gate.config.pop()
  await gate.certificates.reload()
  const names = (await gate.certificates.list()).map(({ leafName }) => leafName)
  expect(names.sort()).toEqual(['+default', 'shop.localhost'])
  expect((await handshake(gate, 'shop.localhost')).certificate.fingerprint256).toBe(fingerprint256)
  expect(
    (await handshake(gate, 'api.localhost', { checkServerIdentity: () => undefined })).certificate.subjectaltname,
  ).toContain('DNS:localhost')
})

test('without an authority for ACME the host says so, and the local CA serves', async () => {
  const acme = () => ({ settings: null, names: ['shop.example.test'] })
  const gate = await openGate({ config: [{ source: 'acme', leafName: 'shop.example.test' }], acme })
  expect(gate.certificates.problems()).toEqual([
    { host: 'shop.example.test', message: expect.stringMatching(/^no ACME authority is named.*the local CA serves/) },
  ])
  await handshake(gate, 'shop.example.test')
})

test('a session is resumed under every context, and never after the ticket keys have been rotated', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const gate = await openGate({ config: [SHOP] })
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { session } = await handshake(gate, 'shop.localhost', { maxVersion })
    expect(session).toBeDefined()
    const options = { maxVersion, session: session! }
    expect((await handshake(gate, 'shop.localhost', options)).reused).toBe(true)
    vi.advanceTimersByTime(13 * 3_600_000)
    expect((await handshake(gate, 'shop.localhost', options)).reused).toBe(false)
  }
  vi.useRealTimers()
})

test('an HTTP/2 server that is handed plain sockets takes its certificates from here', async () => {
  const { certificates, ...gate } = await openGate({ config: [SHOP] })
  const server = http2.createSecureServer({
    ...Certificates.secureOptions,
    SNICallback: certificates.sniCallback,
    allowHTTP1: true,
  })
  const detach = await certificates.attach(server)
  server.on('stream', (stream) => stream.respond({ ':status': 204 }, { endStream: true }))
  const entrance = createServer((socket) => server.emit('connection', socket))
  await new Promise<void>((resolve) => entrance.listen(0, '127.0.0.1', resolve))
  const session = http2.connect(`https://shop.localhost:${(entrance.address() as { port: number }).port}`, {
    ca: certificates.authority.pem,
    host: '127.0.0.1',
    lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  const [headers] = await once(session.request({ ':path': '/' }), 'response')
  expect(headers[':status']).toBe(204)
  session.close()
  await new Promise((resolve) => entrance.close(resolve))
  detach()
  expect(gate.issued().sort()).toEqual(['+default', 'shop.localhost'])
})

test('TLS 1.1 is refused', async () => {
  const gate = await openGate({ config: [SHOP] })
  const error = await handshake(gate, 'shop.localhost', {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  }).catch((reason) => reason)
  expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  expect(Certificates.secureOptions.minVersion).toBe('TLSv1.2')
})

test('renegotiation is refused', async () => {
  const gate = await openGate({ config: [SHOP] })
  const ca = gate.certificates.authority.pem
  const quiet = tls.createServer({ ...Certificates.secureOptions, SNICallback: gate.certificates.sniCallback })
  await gate.certificates.attach(quiet)
  await new Promise<void>((resolve) => quiet.listen(0, '127.0.0.1', resolve))
  const port = (quiet.address() as { port: number }).port
  const client = tls.connect({ host: '127.0.0.1', port, servername: 'shop.localhost', ca, maxVersion: 'TLSv1.2' })
  await once(client, 'secureConnect')
  const failed = once(client, 'error')
  client.renegotiate({}, () => {})
  expect((await failed)[0].code).toMatch(/NO_RENEGOTIATION/)
  client.destroy()
  await new Promise((resolve) => quiet.close(resolve))
})

test('of all TLS 1.2 suites only ECDHE with GCM or ChaCha20 are agreed', async () => {
  const gate = await openGate({ config: [SHOP] })
  const agreed: string[] = []
  for (const name of tls.getCiphers().filter((cipher) => !cipher.startsWith('tls_'))) {
    const options = { maxVersion: 'TLSv1.2', ciphers: `${name.toUpperCase()}:@SECLEVEL=0` } as const
    const result = await handshake(gate, 'shop.localhost', options).catch(() => null)
    if (result !== null) agreed.push(result.cipher)
  }
  expect(agreed.sort()).toEqual([
    'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  ])
})

/** Which context a name gets, as something to compare. */
function contextName(gate: Gate, servername: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    gate.certificates.sniCallback(servername, (error, context) => (error === null ? resolve(context) : reject(error)))
  })
}

async function onDisk(gate: Gate, leaf: string): Promise<string> {
  return openssl('x509', '-in', path.join(gate.dataDir, 'certs', leaf, 'cert.pem'), '-noout', '-fingerprint', '-sha256')
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777
}

/** The first bytes of a real client that names `servername`. */
async function clientHello(servername: string): Promise<Buffer> {
  const sink = createServer()
  const hello = new Promise<Buffer>((resolve) => {
    sink.on('connection', (socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        socket.destroy()
        resolve(bytes)
      })
    })
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  const client = tls.connect({ host: '127.0.0.1', port: (sink.address() as { port: number }).port, servername })
  client.on('error', () => {})
  const bytes = await hello
  client.destroy()
  await new Promise((resolve) => sink.close(resolve))
  return bytes
}
