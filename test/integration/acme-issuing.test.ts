import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pino from 'pino'
import { expect, test } from 'vitest'
import { Engine } from '../../src/main/engine/engine.js'
import { type AcmeBench, acmeBench, ISSUING_MS, issued, seenBy } from '../support/acme.js'
import { startFront } from '../support/acme-front.js'
import { pebbleMissing } from '../support/pebble.js'
import { until } from '../support/wait.js'

const MISSING = pebbleMissing('certificates by ACME')
const HOST = 'shop.gw.test'

test.skipIf(MISSING !== null).each(['http-01', 'tls-alpn-01'] as const)(
  'a host gets a certificate of the authority, proven by %s, that clients of the authority trust',
  { timeout: 60_000 },
  async (challenge) => {
    const bench = await acmeBench(challenge === 'http-01' ? { tlsPort: 1 } : { httpPort: 1 })
    await bench.want([HOST], { challenge })
    const { source, lastError, fingerprint } = await issued(bench, HOST)
    expect({ source, lastError }).toEqual({ source: 'acme', lastError: null })
    const seen = await seenBy(bench.gateway, HOST, await bench.pebble.root())
    expect(seen).toEqual({ fingerprint, names: `DNS:${HOST}`, authorized: true })
    expect(bench.warning(HOST)).toBeNull()
  },
)

test.skipIf(MISSING !== null)(
  'the set of files is there for others, the keys for nobody but their owner',
  { timeout: 60_000 },
  async () => {
    const bench = await acmeBench()
    await bench.want([HOST])
    await issued(bench, HOST)
    const { dataDir } = bench.gateway
    const directory = path.join(dataDir, 'certs', HOST)
    expect((await readdir(directory)).sort()).toEqual(['acme.json', 'cert.pem', 'chain.pem', 'key.pem'])
    for (const file of await readdir(directory))
      expect((await stat(path.join(directory, file))).mode & 0o777).toBe(0o600)
    expect((await readFile(path.join(directory, 'cert.pem'), 'utf8')).match(/BEGIN CERTIFICATE/g)).toHaveLength(1)
    const [account = ''] = await readdir(path.join(dataDir, 'acme'))
    expect((await stat(path.join(dataDir, 'acme', account, 'account.key'))).mode & 0o777).toBe(0o600)
    expect((await readdir(path.join(dataDir, 'certs'))).filter((name) => name.startsWith('+former'))).toEqual([])
  },
)

/** A program that sets records at the DNS server of Pebble, and writes down what it was called with. */
async function dnsHook({ gateway, pebble }: AcmeBench): Promise<{ command: string[]; calls: () => Promise<string[]> }> {
  const file = path.join(gateway.dataDir, 'hook.sh')
  const seen = path.join(gateway.dataDir, 'calls.txt')
  await writeFile(
    file,
    `#!/bin/sh
echo "$#|$2|$3|$4" >> '${seen}'
if [ "$2" = present ]; then path=set-txt; else path=clear-txt; fi
exec curl -sf -d "{\\"host\\":\\"$3.\\",\\"value\\":\\"$4\\"}" "$1/$path"
`,
  )
  await chmod(file, 0o755)
  const calls = async () => (await readFile(seen, 'utf8')).trim().split('\n')
  return { command: ['./hook.sh', pebble.dnsUrl], calls }
}

test.skipIf(MISSING !== null)(
  'a wildcard is proven by the command for DNS, which is called for each record and again to clean up',
  { timeout: 60_000 },
  async () => {
    const bench = await acmeBench({ httpPort: 1, tlsPort: 1 })
    const { command, calls } = await dnsHook(bench)
    await bench.want(['*.gw.test'], { dnsHook: command })
    const { fingerprint } = await issued(bench, '*.gw.test')
    const seen = await seenBy(bench.gateway, 'any.gw.test', await bench.pebble.root())
    expect(seen).toEqual({ fingerprint, names: 'DNS:*.gw.test', authorized: true })
    const [present = '', cleanup = ''] = await calls()
    expect(present).toMatch(/^4\|present\|_acme-challenge\.gw\.test\|[\w-]{43}$/)
    expect(cleanup).toBe(present.replace('present', 'cleanup'))
    expect(await seenBy(bench.gateway, 'a.b.gw.test', bench.gateway.ca)).toMatchObject({ authorized: true })
  },
)

test.skipIf(MISSING !== null)(
  'names that no authority would vouch for, and apps that are off, are never asked for',
  { timeout: 60_000 },
  async () => {
    const bench = await acmeBench()
    const front = await startFront(bench.pebble)
    const acme = { email: 'a@b.cd', directory: front.directory, caFile: front.caFile }
    const app = (name: string, hosts: string[], more = {}) => ({
      name,
      port: 1,
      hosts,
      certificate: 'acme' as const,
      ...more,
    })
    const refused = ['x.localhost', '127.0.0.1', 'single', '*.gw.test']
    await bench.gateway.configure({
      tls: { acme },
      apps: [app('refused', refused), app('off', ['off.gw.test'], { enabled: false }), app('on', [HOST])],
    })
    await issued(bench, HOST)
    expect(front.requests.filter((line) => line.includes('order-plz'))).toHaveLength(1)
    for (const host of refused) expect(bench.warning(host), host).toMatch(/; the local CA serves this host instead$/)
    await expect(bench.gateway.engine.call('certificates.renew', { name: 'x.localhost' })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(front.requests.filter((line) => line.includes('order-plz'))).toHaveLength(1)
  },
)

test.skipIf(MISSING !== null)(
  'after a restart the certificate on disk is served, and nobody is asked',
  { timeout: 60_000 },
  async () => {
    const bench = await acmeBench()
    const front = await startFront(bench.pebble)
    await bench.want([HOST], { directory: front.directory, caFile: front.caFile })
    const { fingerprint } = await issued(bench, HOST)
    const { dataDir, configFile } = bench.gateway
    const before = front.requests.filter((line) => line.startsWith('POST')).length
    const second = await Engine.start({
      dataDir,
      configFile,
      overrides: { bind: ['127.0.0.1'], https: 0, http: 0 },
      version: '0',
      log: pino({ level: 'silent' }),
    })
    const looked = front.requests.length
    await until(() => front.requests.length > looked, 'the question when to renew', ISSUING_MS)
    const [status] = (await second.call('certificates.list', {})).filter(({ name }) => name === HOST)
    await second.stop({ drainMs: 0 })
    expect(status).toMatchObject({ source: 'acme', state: 'valid', fingerprint })
    expect(front.requests.filter((line) => line.startsWith('POST'))).toHaveLength(before)
  },
)
