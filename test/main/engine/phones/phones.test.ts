import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import net from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { judgePhoneRequest } from '../../../../src/main/engine/phones/judge-phone-request.js'
import { phoneAddresses } from '../../../../src/main/engine/phones/phone-addresses.js'
import { Phones, type PhonesOptions } from '../../../../src/main/engine/phones/phones.js'
import { temporaryDirectory } from '../../../support/chromium.js'
import { startGateway, type TestConfig, type TestGateway } from '../../../support/gateway.js'
import { until } from '../../../support/wait.js'

const run = promisify(execFile)
const NETWORK: PhonesOptions['addresses'] = () => [
  { interface: 'lo', address: '127.0.0.1', family: 4, cidr: '127.0.0.1/8', scope: 0 },
]

async function start(config: TestConfig = {}): Promise<TestGateway> {
  const apps = [{ name: 'shop', demo: true as const }]
  const gateway = await startGateway({ apps, lan: { mdns: false }, ...config }, { networkAddresses: NETWORK })
  onTestFinished(() => gateway.stop())
  return gateway
}

async function opened(gateway: TestGateway): Promise<string> {
  return (await gateway.engine.call('phones.open', {})).urls[0] as string
}

/** The status and headers, and the body as text. */
async function curl(url: string, ...args: string[]): Promise<{ status: number; head: string; body: string }> {
  const { stdout } = await run('curl', ['-sS', '-i', '--max-time', '10', '--noproxy', '*', ...args, url])
  const [head = '', ...body] = stdout.split('\r\n\r\n')
  return { status: Number(head.split(' ')[1]), head: head.toLowerCase(), body: body.join('\r\n\r\n') }
}

test('the certificate and the profile are those of the CA, and verify what an app serves', async () => {
  const gateway = await start({ lan: { enabled: true, mdns: false } })
  const url = await opened(gateway)
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/)
  const folder = await temporaryDirectory('phones')
  const [crt, profile, fromProfile] = ['ca.crt', 'ca.mobileconfig', 'profile.der'].map((name) =>
    path.join(folder, name),
  )
  await run('curl', ['-sS', '--fail', '-o', crt as string, `${url}portico-ca.crt`])
  await run('curl', ['-sS', '--fail', '-o', profile as string, `${url}portico.mobileconfig`])
  const { stdout: printed } = await run('openssl', [
    'x509',
    '-inform',
    'DER',
    '-in',
    crt as string,
    '-noout',
    '-fingerprint',
    '-sha256',
  ])
  expect(printed.trim().split('=')[1]).toBe(new X509Certificate(gateway.ca).fingerprint256)

  const { stdout } = await run('python3', ['-c', READ_PROFILE, profile as string, fromProfile as string])
  const read = JSON.parse(stdout)
  expect(read).toMatchObject({
    type: 'Configuration',
    version: 1,
    inner: { type: 'com.apple.security.root', version: 1 },
  })
  expect(read.uuid).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/)
  expect(read.inner.uuid).not.toBe(read.uuid)
  expect(read.identifier).toMatch(/^portico\.ca\.[0-9a-f]{16}$/)

  const pem = path.join(folder, 'profile.pem')
  await run('openssl', ['x509', '-inform', 'DER', '-in', fromProfile as string, '-out', pem])
  const served = await run('curl', [
    ...[
      '-sS',
      '--fail',
      '--noproxy',
      '*',
      '--cacert',
      pem,
      '-o',
      path.join(folder, 'page'),
      '-w',
      '%{http_code} %{remote_ip}',
    ],
    ...['--resolve', `shop.local:${gateway.httpsPort}:127.0.0.2`, `https://shop.local:${gateway.httpsPort}/`],
  ])
  expect(served.stdout).toBe('200 127.0.0.2')
  const chain = run('openssl', [
    ...[
      's_client',
      '-connect',
      `127.0.0.2:${gateway.httpsPort}`,
      '-servername',
      'shop.local',
      '-verify_hostname',
      'shop.local',
    ],
    ...['-verify_return_error', '-x509_strict', '-CAfile', pem],
  ])
  chain.child.stdin?.end()
  expect((await chain).stdout).toContain('Verify return code: 0 (ok)')
})

test('the same CA has the same profile, and another CA another one', async () => {
  const gateway = await start()
  const url = await opened(gateway)
  const first = (await curl(`${url}portico.mobileconfig`)).body
  expect((await curl(`${url}portico.mobileconfig`)).body).toBe(first)
  await gateway.engine.call('ca.rotate', {})
  const uuids = (text: string) => text.match(/[0-9A-F]{8}-[0-9A-F-]{27}/g)
  expect(uuids((await curl(`${url}portico.mobileconfig`)).body)).not.toEqual(uuids(first))
})

test('what is served has the type that phones go by, and a policy that allows nothing from elsewhere', async () => {
  const url = await opened(await start())
  const page = await curl(url)
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining('Certificate Trust Settings') })
  expect(page.head).toContain("content-security-policy: default-src 'none'; style-src 'sha256-")
  expect(page.head).toContain('cache-control: no-store')
  expect(page.head).toContain('x-content-type-options: nosniff')
  expect((await curl(`${url}portico-ca.crt`, '-I')).head).toContain('content-type: application/x-x509-ca-cert')
  expect((await curl(`${url}portico.mobileconfig`, '-I')).head).toContain(
    'content-type: application/x-apple-aspen-config',
  )
  for (const file of ['', 'portico-ca.crt', 'portico.mobileconfig']) {
    expect((await curl(url + file, '--output', '-')).body).not.toContain('PRIVATE KEY')
  }
})

test('the page leads to the apps while LAN mode is on, and says how to get there while it is off', async () => {
  const gateway = await start()
  const url = await opened(gateway)
  expect((await curl(url)).body).toContain('Turn on LAN mode')
  await gateway.engine.call('lan.set', { enabled: true })
  const { body } = await curl(url)
  expect(body).toContain(`href="https://shop.local:${gateway.httpsPort}/"`)
  expect(body).not.toContain('Turn on LAN mode')
})

test('a phone gets its own steps first', async () => {
  const url = await opened(await start())
  const order = async (agent: string) => {
    const { body } = await curl(url, '-A', agent)
    return body.indexOf('>Android<') < body.indexOf('>iPhone and iPad<') ? 'android' : 'apple'
  }
  expect(await order('Mozilla/5.0 (Linux; Android 16; Pixel 9)')).toBe('android')
  expect(await order('Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X)')).toBe('apple')
})

test.each([
  ['another path', 404, (url: string) => [`${url}ca.key`]],
  ['the folder above', 404, (url: string) => ['--path-as-is', `${url}../ca.key`]],
  ['a path that is written otherwise', 404, (url: string) => [`${url}portico-ca%2Ecrt`]],
  ['a query', 404, (url: string) => [`${url}?a=b`]],
  ['no token', 404, (url: string) => [new URL('/', url).href]],
  ['another token', 404, (url: string) => [new URL(`/${'A'.repeat(22)}/portico-ca.crt`, url).href]],
  ['a name of somebody else’s DNS', 421, (url: string) => ['-H', `Host: evil.example:${new URL(url).port}`, url]],
  [
    'a name of an app that is not in the network',
    421,
    (url: string) => ['-H', `Host: shop.local:${new URL(url).port}`, url],
  ],
  ['another port', 421, (url: string) => ['-H', 'Host: 127.0.0.1', url]],
  ['no host', 400, (url: string) => ['-0', '-H', 'Host:', url]],
  ['POST', 405, (url: string) => ['-X', 'POST', '-d', 'x', url]],
  ['OPTIONS', 405, (url: string) => ['-X', 'OPTIONS', url]],
])('a request with %s is answered %d', async (_what, status, args) => {
  const gateway = await start()
  const url = await opened(gateway)
  const answer = await run('curl', ['-sS', '-i', '--max-time', '10', '--noproxy', '*', ...args(url)])
  expect(answer.stdout.split('\r\n')[0]).toContain(` ${status} `)
  expect(answer.stdout).not.toContain('mobileconfig')
})

test('in LAN mode our own names under .local are good, and others are not', () => {
  const ask = (host: string) =>
    judgePhoneRequest({ method: 'GET', target: '/t/', hosts: [host], port: 8 }, (token) => token === 't', [
      'shop.local',
    ])
  expect(ask('shop.local:8')).toEqual({ kind: 'serve', file: 'page' })
  expect(ask('[fd00::1]:8')).toEqual({ kind: 'serve', file: 'page' })
  for (const host of ['other.local:8', 'shop.local', 'shop.local.evil.example:8']) {
    expect(ask(host)).toEqual({ kind: 'refuse', status: 421 })
  }
})

test('it is there until it is closed, under a new path each time', async () => {
  const gateway = await start()
  const { engine } = gateway
  expect(await engine.call('phones.status', {})).toMatchObject({ open: false, urls: [], expiresAt: null })
  const url = await opened(gateway)
  const status = await engine.call('phones.status', {})
  expect(status).toMatchObject({ open: true, urls: [url], lan: { enabled: false, mdns: false } })
  expect(Date.parse(status.expiresAt as string) - Date.now()).toBeLessThanOrEqual(600_000)
  expect(await opened(gateway)).toBe(url)
  const waiting = net.connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void waiting.destroy())
  await new Promise<void>((resolve) => waiting.once('connect', () => resolve()))
  expect(await engine.call('phones.close', {})).toMatchObject({ open: false, urls: [] })
  await text(waiting).catch(() => undefined) // ended with it
  await expect(curl(url)).rejects.toThrow()
  expect(new URL(await opened(gateway)).pathname).not.toBe(new URL(url).pathname)
})

test('it closes when its time is over, when the gateway is turned off, and at the end', async () => {
  const gateway = await start()
  const authority = () => ({ pem: gateway.ca, fingerprint: '', constraints: null })
  const lan = () => ({ enabled: false, mdns: false })
  const short = new Phones({ authority, lan, apps: () => [], names: () => [], addresses: NETWORK, openMs: 300 })
  const { urls } = await short.open()
  expect((await curl(urls[0] as string)).status).toBe(200)
  await until(() => !short.status().open, 'its time is over')
  await expect(curl(urls[0] as string)).rejects.toThrow()

  const before = await opened(gateway)
  await gateway.engine.call('gateway.pause', {})
  await expect(curl(before)).rejects.toThrow()
  await expect(gateway.engine.call('phones.open', {})).rejects.toMatchObject({ code: 'conflict' })
  await gateway.engine.call('gateway.resume', {})
  const last = await opened(gateway)
  await gateway.engine.stop()
  await expect(curl(last)).rejects.toThrow()
})

test('without a network it says so', async () => {
  const gateway = await startGateway({}, { networkAddresses: () => [] })
  onTestFinished(() => gateway.stop())
  await expect(gateway.engine.call('phones.open', {})).rejects.toMatchObject({ code: 'not-found' })
})

test('the address of the network that a phone is in comes first', () => {
  const on = (name: string, address: string, family: 4 | 6 = 4) => ({
    ...{ interface: name, address, family, scope: 0 },
    cidr: `${address}/24`,
  })
  const wifi = on('wlan0', '192.168.1.20')
  const others = [on('docker0', '172.17.0.1'), on('utun4', '100.64.0.7'), on('en7', '169.254.3.4')]
  expect(phoneAddresses([...others, wifi, on('wlan0', 'fd00::1', 6)])).toEqual([
    ...['192.168.1.20', '169.254.3.4', '172.17.0.1', '100.64.0.7'],
  ])
  expect(phoneAddresses([on('wlan0', 'fe80::1', 6), on('wlan0', 'fd00::1', 6)])).toEqual(['fd00::1'])
})

/** Prints what is in a profile, and writes the certificate in it. */
const READ_PROFILE = `
import json, plistlib, sys
with open(sys.argv[1], 'rb') as file: profile = plistlib.load(file)
[inner] = profile['PayloadContent']
with open(sys.argv[2], 'wb') as file: file.write(inner['PayloadContent'])
def facts(payload): return {'type': payload['PayloadType'], 'uuid': payload['PayloadUUID'], 'version': payload['PayloadVersion'], 'identifier': payload['PayloadIdentifier']}
print(json.dumps({**facts(profile), 'inner': facts(inner)}))
`
