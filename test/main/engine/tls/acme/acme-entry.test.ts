import { expect, test } from 'vitest'
import { follow, issueTime, newEntry, tookNew } from '../../../../../src/main/engine/tls/acme/acme-entry.js'
import { serve } from '../../../../../src/main/engine/tls/secure-context.js'
import { makeCertificate } from '../../../../support/certificate.js'

const HOUR = 3_600_000
const DIRECTORY = 'https://acme.example/dir'

/** It lives two days. */
function served() {
  const { cert, key, remove } = makeCertificate('DNS:shop.gw.test')
  remove()
  return serve('shop.gw.test', 'acme', { cert, key })
}

test('by a clock that is a month ahead a new certificate is not asked for again at once', () => {
  const entry = newEntry('shop.gw.test')
  const now = Date.now() + 30 * 24 * HOUR
  expect(issueTime(entry, DIRECTORY)).toBeLessThanOrEqual(now)
  tookNew(entry, served(), DIRECTORY, now, 0)
  expect(issueTime(entry, DIRECTORY)).toBe(now + 16 * HOUR)
})

test('a certificate of another directory is to be replaced now', () => {
  const entry = newEntry('shop.gw.test')
  tookNew(entry, served(), DIRECTORY, Date.now(), 0)
  expect(issueTime(entry, DIRECTORY)).toBeGreaterThan(Date.now())
  expect(issueTime(entry, 'https://other.example/dir')).toBe(0)
})

test('a suggestion to renew at once is followed once in twelve hours', () => {
  const entry = newEntry('shop.gw.test')
  const now = Date.now()
  follow(entry, now - HOUR, now)
  expect(entry.renewAt).toBe(now - HOUR)
  follow(entry, now, now + 1_000)
  expect(entry.renewAt).toBe(now + 12 * HOUR)
  follow(entry, now + 100 * HOUR, now + 2_000)
  expect(entry.renewAt).toBe(now + 100 * HOUR)
})
