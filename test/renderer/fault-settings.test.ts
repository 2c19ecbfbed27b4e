import { describe, expect, test } from 'vitest'
import { describeFaults } from '../../src/renderer/features/faults/describe-faults.js'
import {
  FAULT_KINDS,
  type FaultChoices,
  readFaults,
  USUAL,
  withFault,
  withoutFault,
} from '../../src/renderer/features/faults/fault-settings.js'
import {
  faultedApps,
  faultsKept,
  faultsOn,
  isFaulted,
  routesWithFaults,
  withFaults,
  withFaultsOff,
} from '../../src/renderer/features/faults/faulted-apps.js'
import { type App, appSchema } from '../../src/shared/config.js'
import type { AppStatus } from '../../src/shared/contract.js'
import { type FaultsSettings, faultsSchema } from '../../src/shared/policies/trial-schemas.js'

describe('the switches', () => {
  test('each is what the schema permits, is read back as it was, and goes without a trace', () => {
    for (const kind of FAULT_KINDS) {
      const settings = withFault(null, kind, USUAL[kind])
      expect(faultsSchema.parse(settings)).toEqual(settings)
      expect(readFaults(settings)).toEqual({ [kind]: USUAL[kind] })
      expect(withoutFault(settings, kind)).toBe(null)
    }
  })

  test('all of them together, on and off in every order', () => {
    const all = FAULT_KINDS.reduce<FaultsSettings | null>((before, kind) => withFault(before, kind, USUAL[kind]), null)
    expect(all).toEqual({
      delay: { time: '2s', jitter: '1s' },
      abort: { share: 0.2 },
      error: { status: 503, share: 0.5 },
      bandwidth: 50_000,
    })
    expect(readFaults(all)).toEqual(USUAL)
    for (const kind of FAULT_KINDS) {
      const { [kind]: gone, ...rest } = USUAL
      expect(gone).toBeDefined()
      expect(readFaults(withoutFault(all, kind))).toEqual(rest)
    }
  })

  test('what was written by hand is told as it is, and another switch leaves it so', () => {
    const byHand: FaultsSettings = { delay: { time: '800ms', jitter: '300ms', share: 0.3 }, error: { status: 418 } }
    const read = { slow: { time: '800ms', share: 0.3 }, jittery: { spread: '300ms', share: 0.3 } }
    expect(readFaults(byHand)).toEqual({ ...read, errors: { status: 418, share: 1 } })
    expect(withoutFault(withFault(byHand, 'drops', { share: 1 }), 'drops')).toEqual(byHand)
    const { slow } = readFaults(byHand) as FaultChoices
    expect(withFault(withoutFault(byHand, 'slow'), 'slow', slow)).toEqual(byHand)
  })

  test('a jitter without a delay is from nothing to twice as much; a delay of that length beside it stays apart', () => {
    const alone = withFault(null, 'jittery', { spread: '1s', share: 1 })
    expect(alone).toEqual({ delay: { time: '1s', jitter: '1s' } })
    const both = withFault(alone, 'slow', { time: '1000ms', share: 1 })
    expect(Object.keys(readFaults(both))).toEqual(['slow', 'jittery'])
    expect(faultsSchema.parse(both)).toEqual(both)
  })

  test('delay and jitter are of the same requests', () => {
    const slow = withFault(null, 'slow', { time: '2s', share: 0.2 })
    const both = withFault(slow, 'jittery', { spread: '1s', share: 1 })
    expect(both).toEqual({ delay: { time: '2s', jitter: '1s', share: 0.2 } })
    expect(withFault(both, 'jittery', { spread: '1s', share: 0.5 }).delay?.share).toBe(0.5)
  })
})

test('settings are told in a few words', () => {
  expect(describeFaults({ delay: { time: '2s' } })).toBe('wait 2 s')
  expect(describeFaults({ delay: { time: '1s', jitter: '1s', share: 0.05 } })).toBe('wait 0 to 2 s (5 % of requests)')
  expect(
    describeFaults({
      delay: { time: '800ms', jitter: '300ms' },
      error: { status: 418, share: 0.125 },
      abort: {},
      bandwidth: 50_000,
    }),
  ).toBe('wait 800 ms ± 300 ms, 418 (12.5 % of requests), dropped, 50 kB/s')
})

describe('an app', () => {
  const faults: FaultsSettings = { error: { status: 503 } }
  const plain = appSchema.parse({ name: 'shop', port: 3000 })
  const routed = (own: FaultsSettings | false | undefined, ofRoute: FaultsSettings | false | undefined): App =>
    appSchema.parse({
      name: 'shop',
      ...(own === undefined ? {} : { policies: { faults: own } }),
      routes: [
        { path: '/v1', static: { dir: '.' }, ...(ofRoute === undefined ? {} : { policies: { faults: ofRoute } }) },
      ],
    })

  test('gets and loses faults with its other policies kept, and is as before without them', () => {
    const cors = { cors: { origins: ['https://a.localhost'] } }
    const sick = withFaults({ ...plain, policies: cors }, faults)
    expect(sick.policies).toEqual({ ...cors, faults })
    expect(withFaults(sick, null)).toEqual({ ...plain, policies: cors })
    expect(withFaults(withFaults(plain, faults), null)).toEqual(plain)
  })

  test('turned off keeps its settings for later, those of its routes too', () => {
    const sick = routed(faults, { bandwidth: 9 })
    expect(isFaulted(sick)).toBe(true)
    const off = withFaultsOff(sick)
    expect(appSchema.parse(off)).toEqual(off)
    expect([isFaulted(off), faultsOn(off), faultsKept(off)]).toEqual([false, null, faults])
    expect(routesWithFaults(off)).toEqual([{ route: '/v1', settings: { enabled: false, bandwidth: 9 }, on: false }])
    expect(withFaultsOff(plain)).toEqual(plain)
  })

  test('has faults where they strike: not where all routes have others, nothing is set, or it is disabled', () => {
    expect(isFaulted(routed(faults, undefined))).toBe(true)
    expect(isFaulted(routed(faults, false))).toBe(false)
    expect(isFaulted(routed(undefined, faults))).toBe(true)
    expect(isFaulted(routed({ ...faults, enabled: false }, undefined))).toBe(false)
    expect(isFaulted(withFaults(plain, {}))).toBe(false)
    expect(isFaulted({ ...withFaults(plain, faults), enabled: false })).toBe(false)
    const statuses = [plain, withFaults({ ...plain, name: 'api' }, faults)].map((app) => ({ name: app.name, app }))
    expect(faultedApps(statuses as AppStatus[])).toEqual(['api'])
  })
})
