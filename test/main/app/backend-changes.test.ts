import { expect, test } from 'vitest'
import { backendNotices } from '../../../src/main/app/backend-changes.js'
import type { BackendStatus } from '../../../src/shared/window-schemas.js'

const UP: BackendStatus = {
  app: 'shop',
  route: '/',
  url: 'http://127.0.0.1:3000',
  health: 'healthy',
  reason: null,
  since: null,
  weight: 1,
  ...{ breaker: 'closed', retryAt: null, inFlight: 0, draining: false, check: null },
}
const DOWN: BackendStatus = { ...UP, health: 'unhealthy', reason: 'Nothing listens on port 3000.' }

test('a backend that goes down is told with the reason, and so is its return', () => {
  expect(backendNotices([UP], [DOWN])).toEqual([
    { title: 'shop is not answering', body: 'Nothing listens on port 3000. http://127.0.0.1:3000' },
  ])
  expect(backendNotices([DOWN], [UP])).toEqual([{ title: 'shop answers again', body: 'http://127.0.0.1:3000' }])
})

test('the first look is no news, and neither is what stays or what is not known yet', () => {
  expect(backendNotices(null, [DOWN])).toEqual([])
  expect(backendNotices([DOWN], [DOWN])).toEqual([])
  expect(backendNotices([{ ...UP, health: 'unknown' }], [UP])).toEqual([])
  expect(backendNotices([DOWN], [{ ...UP, health: 'unknown' }])).toEqual([])
})

test('one that was not known before is news only once it changes; one of two backends is told alone', () => {
  expect(backendNotices([], [DOWN])).toEqual([])
  const other = { ...UP, url: 'http://127.0.0.1:3001' }
  expect(backendNotices([UP, other], [DOWN, other])).toHaveLength(1)
})
