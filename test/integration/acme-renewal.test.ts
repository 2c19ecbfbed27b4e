import { expect, test } from 'vitest'
import { acmeBench, ISSUING_MS, issued, seenBy } from '../support/acme.js'
import { startFront } from '../support/acme-front.js'
import { pebbleMissing } from '../support/pebble.js'
import { until } from '../support/wait.js'

const MISSING = pebbleMissing('renewal by ACME')
const HOST = 'shop.gw.test'
const LONG = { timeout: 90_000 }

test.skipIf(MISSING !== null)(
  'a certificate is renewed by itself before its life is over, and never is there none',
  LONG,
  async () => {
    const bench = await acmeBench({ validity: 12 })
    await bench.want([HOST])
    await until(async () => (await bench.status(HOST)).state !== 'missing', 'the first certificate', ISSUING_MS)
    const root = await bench.pebble.root()
    const first = await seenBy(bench.gateway, HOST, root)
    await until(
      async () => {
        const now = await seenBy(bench.gateway, HOST, root)
        expect(now.authorized).toBe(true)
        return now.fingerprint !== first.fingerprint
      },
      'another certificate',
      ISSUING_MS,
    )
  },
)

test.skipIf(MISSING !== null)(
  'a directory that suggests to renew at once is followed, but not again and again',
  LONG,
  async () => {
    const bench = await acmeBench()
    const front = await startFront(bench.pebble)
    front.extra = { renewalInfo: `${front.origin}/renewal` }
    const past = { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' }
    front.answer = (at) => {
      if (!at.startsWith('/renewal/')) return null
      return { status: 200, headers: { 'Retry-After': '21600' }, body: { suggestedWindow: past } }
    }
    await bench.want([HOST], { directory: front.directory, caFile: front.caFile })
    const first = await issued(bench, HOST)
    const asked = () => front.requests.filter((line) => line.startsWith('GET /renewal/'))
    await until(async () => (await bench.status(HOST)).fingerprint !== first.fingerprint, 'another one', ISSUING_MS)
    await until(() => asked().length === 2, 'the question about the new certificate', ISSUING_MS)
    expect(asked()[0]).toMatch(/^GET \/renewal\/[\w-]{27}\.[\w-]+$/)
    expect(asked()[1]).not.toBe(asked()[0])
    const second = await bench.status(HOST)
    await expect(bench.gateway.engine.call('certificates.list', {})).resolves.toContainEqual(second)
    expect(second.state).toBe('valid')
    expect(front.requests.filter((line) => line.includes('order-plz'))).toHaveLength(2)
  },
)
