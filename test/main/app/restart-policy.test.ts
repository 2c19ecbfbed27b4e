import { expect, test } from 'vitest'
import { FAILED_AFTER, LONGEST_DELAY_MS, planRestart, SETTLED_MS } from '../../../src/main/app/restart-policy.js'

const crash = { servedMs: 1_000, exitCode: 9, refusal: null }

test('each end in a row doubles the pause, up to ten seconds, and five are a failure', () => {
  const plans = []
  for (let streak = 0; streak < 8; streak = plans.at(-1)?.streak ?? 8) plans.push(planRestart(crash, streak))
  expect(plans.map(({ delayMs }) => delayMs)).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  expect(plans.findIndex(({ state }) => state === 'failed')).toBe(FAILED_AFTER - 1)
})

test('the end of an engine that served for long is the first of a new row', () => {
  expect(planRestart({ ...crash, servedMs: SETTLED_MS }, 7)).toMatchObject({ streak: 1, delayMs: 250 })
})

test('a refusal fails at once with its own reason, and is tried again later', () => {
  const refusal = { code: 'port-taken', message: 'Port 443 is taken.', hint: 'Stop nginx.' } as const
  const plan = planRestart({ servedMs: null, exitCode: 15, refusal }, 0)
  expect(plan).toEqual({ state: 'failed', reason: refusal, delayMs: LONGEST_DELAY_MS, streak: 1 })
})

test('the reason of a crash tells whether it ever served', () => {
  expect(planRestart(crash, 0).reason.message).not.toContain('before it could serve')
  expect(planRestart({ ...crash, servedMs: null }, 0).reason.message).toContain('before it could serve')
})
