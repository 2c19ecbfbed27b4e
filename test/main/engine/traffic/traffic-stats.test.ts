import { expect, test } from 'vitest'
import { TrafficStats } from '../../../../src/main/engine/traffic/traffic-stats.js'
import { statsSchema } from '../../../../src/shared/window-schemas.js'

const answer = (
  appName: string | null,
  more: Partial<{ status: number; openEnded: boolean; firstByteMs: number }> = {},
) => ({
  appName,
  status: 200,
  openEnded: false,
  firstByteMs: 1,
  ...more,
})

test('each app has its own figures, and the total has all, unknown hosts too', () => {
  let now = 100_500
  const stats = new TrafficStats(() => now)
  for (let i = 0; i < 3; i++) stats.add(answer('shop'), 20)
  stats.add(answer('api', { status: 502 }), 400)
  stats.add(answer(null, { status: 404 }), 1)
  now += 1_000
  const read = stats.read(['api', 'shop', 'quiet'], 2)
  expect(statsSchema.parse(read)).toEqual(read)
  expect(read.inFlight).toBe(2)
  expect(read.apps.map(({ app, rates, errors }) => [app, rates.at(-1), errors])).toEqual([
    ['api', 1, 1],
    ['shop', 3, 0],
    ['quiet', 0, 0],
  ])
  expect(read.total).toMatchObject({ errors: 1 })
  expect(read.total.rates.at(-1)).toBe(5)
  expect(read.apps[2]?.p95Ms).toBe(null)
  expect(read.apps[1]?.p95Ms).toBeCloseTo(20, -1)
})

test('a stream without end counts by its first byte, one that was never answered by nothing', () => {
  const stats = new TrafficStats(() => 1_000)
  stats.add(answer('live', { openEnded: true, firstByteMs: 5 }), 3_600_000)
  stats.add(answer('gone', { status: 0 }), 30_000)
  const { apps } = stats.read(['live', 'gone'], 0)
  expect(apps[0]?.p95Ms).toBeLessThan(6)
  expect(apps[1]?.p95Ms).toBe(null)
})

test('an app that left the config begins anew when it comes back', () => {
  let now = 1_000
  const stats = new TrafficStats(() => now)
  stats.add(answer('shop'), 1)
  stats.add(answer('api'), 1)
  stats.retain(['api'])
  now += 1_000
  expect(stats.read(['shop', 'api'], 0).apps.map(({ rates }) => rates.at(-1))).toEqual([0, 1])
})
