import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { AcmeCertificates } from '../../../../../src/main/engine/tls/acme/acme-certificates.js'
import type { AcmeSettings } from '../../../../../src/main/engine/tls/acme/settings.js'
import { type PebbleOptions, pebbleMissing, startPebble } from '../../../../support/pebble.js'
import { until } from '../../../../support/wait.js'
import { memoryLog, temporaryDirectory } from '../support.js'

const MISSING = pebbleMissing('the times of ACME')
const HOST = 'shop.gw.test'
const DAY = 86_400_000
const LONG = { timeout: 60_000 }

/** Certificates whose clock can be put forward, and an HTTP server that shows their challenges. */
async function bench(options: PebbleOptions = {}, eab: AcmeSettings['eab'] = null) {
  let ahead = 0
  let listening = true
  const server: Server = createServer((request, response) => {
    response.end(certificates.challenges.httpAnswer(HOST, request.url ?? '') ?? 'unknown')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const pebble = await startPebble({ httpPort: (server.address() as AddressInfo).port, ...options })
  const { directory, caFile } = pebble
  const settings: AcmeSettings = { email: 'a@b.cd', directory, caFile, eab, challenge: 'http-01', dnsHook: null }
  const { log, lines } = memoryLog()
  const certificates = new AcmeCertificates({
    dataDir: await temporaryDirectory(),
    demand: () => ({ settings, names: [HOST] }),
    listening: () => listening,
    onChange: () => {},
    log,
    now: () => Date.now() + ahead,
  })
  await certificates.sync()
  onTestFinished(() => {
    certificates.close()
    server.close()
  })
  return {
    certificates,
    pebble,
    failures: () => lines.filter(({ msg }) => msg === 'no certificate by ACME').length,
    /** as if so many milliseconds had passed */
    pass: (ms: number) => {
      ahead += ms
      certificates.look()
    },
    listen: (on: boolean) => {
      listening = on
    },
  }
}

test.skipIf(MISSING !== null)(
  'after a failure nobody is asked for a minute, and then it is tried again by itself',
  LONG,
  async () => {
    const { certificates, pebble, pass, failures } = await bench()
    await pebble.stop()
    certificates.begin()
    await until(() => failures() === 1, 'the first failure')
    pass(50_000)
    expect(failures()).toBe(1)
    await pebble.start()
    pass(20_000)
    await until(() => certificates.get(HOST) !== null, 'a certificate', 20_000)
    expect(certificates.problem(HOST)).toBeNull()
  },
)

test.skipIf(MISSING !== null)(
  'after a sleep a directory that could not be reached is asked at once',
  LONG,
  async () => {
    const { certificates, pebble, pass, failures } = await bench()
    await pebble.stop()
    certificates.begin()
    for (let count = 1; count < 4; count++) {
      await until(() => failures() === count, 'another failure')
      pass(70_000 * 2 ** (count - 1))
    }
    await until(() => failures() === 4, 'the fourth failure')
    await pebble.start()
    pass(200_000) // of the eight minutes that it would have to wait
    await until(() => certificates.get(HOST) !== null, 'a certificate', 20_000)
  },
)

test.skipIf(MISSING !== null)(
  'nothing is done before two thirds of a life, and then a new one is asked for',
  LONG,
  async () => {
    const { certificates, pass } = await bench()
    certificates.begin()
    await until(() => certificates.get(HOST) !== null, 'a certificate', 20_000)
    const first = certificates.get(HOST)
    pass(58 * DAY)
    expect(certificates.get(HOST)).toBe(first)
    pass(2 * DAY)
    await until(() => certificates.get(HOST) !== first, 'another certificate', 20_000)
  },
)

test.skipIf(MISSING !== null)('one that has expired is served no more', LONG, async () => {
  const { certificates, pebble, pass } = await bench()
  certificates.begin()
  await until(() => certificates.get(HOST) !== null, 'a certificate', 20_000)
  await pebble.stop()
  pass(91 * DAY)
  expect(certificates.get(HOST)).toBeNull()
  await until(() => certificates.problem(HOST)?.includes('cannot be reached'), 'the reason')
  expect(certificates.problem(HOST)).toMatch(/the local CA serves this host instead$/)
})

test.skipIf(MISSING !== null)('all who want the same certificate wait for the same order', LONG, async () => {
  const { certificates, pebble } = await bench()
  const all = await Promise.all([1, 2, 3].map(() => certificates.renew(HOST)))
  expect(new Set(all).size).toBe(1)
  expect(pebble.log().match(/Issued certificate serial/g)).toHaveLength(1)
})

test.skipIf(MISSING !== null)('while the gateway is off nobody is asked', LONG, async () => {
  const { certificates, pebble, pass, listen } = await bench()
  listen(false)
  certificates.begin()
  pass(0)
  await expect(certificates.renew(HOST)).rejects.toMatchObject({ code: 'conflict' })
  expect(pebble.log()).not.toContain('GET /dir')
  listen(true)
  pass(0)
  await until(() => certificates.get(HOST) !== null, 'a certificate', 20_000)
})

test.skipIf(MISSING !== null)(
  'an authority that wants to know its customers gets the key that it gave out',
  LONG,
  async () => {
    const eab = { kid: 'kid-1', hmacKey: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' }
    const without = await bench({ eab })
    await expect(without.certificates.renew(HOST)).rejects.toMatchObject({
      hint: expect.stringContaining('tls.acme.eab'),
    })
    const bound = await bench({ eab }, eab)
    expect((await bound.certificates.renew(HOST)).info.source).toBe('acme')
  },
)
