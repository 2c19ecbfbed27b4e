import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { acmeBench, issued, seenBy } from '../support/acme.js'
import { pebbleMissing } from '../support/pebble.js'

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
