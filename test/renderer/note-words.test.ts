import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { cacheStatusOf } from '../../src/renderer/features/requests/exchange-notes.js'
import { noteWords, policyName, rowMark, statusWord } from '../../src/renderer/features/requests/note-words.js'
import { exchangeMatcher, NO_FILTER } from '../../src/renderer/stores/exchange-filter.js'
import type { ExchangeEntry } from '../../src/shared/contract.js'

const note = (policy: string, outcome: string) => ({ policy, outcome })

test('a row has one mark, of what matters most; what happens to every answer has none', () => {
  expect(rowMark(undefined)).toBe(null)
  expect(rowMark([note('cache', 'miss'), note('compression', 'br')])).toBe(null)
  expect(rowMark([note('cache', 'hit'), note('faults', 'throttled'), note('faults', 'delayed')])).toEqual({
    tone: 'warn',
    word: 'fault: delayed',
  })
  expect(rowMark([note('jwt', 'refused')])).toEqual({ tone: 'warn', word: 'refused' })
  expect(rowMark([note('compression', 'gzip'), note('cache', 'stale')])).toEqual({
    tone: 'info',
    word: 'cached, stale',
  })
})

test('a connection that was reset on purpose was not left by its client', () => {
  expect(statusWord({ status: 0 })).toBe('gone')
  expect(statusWord({ status: 0, notes: [note('faults', 'aborted')] })).toBe('reset')
  expect(statusWord({ status: 204, notes: [note('cache', 'hit')] })).toBe('204')
})

test('every outcome that the policies of the gateway tell has words', () => {
  const folder = path.resolve('src/main/engine/gateway/policies')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
  const told = sources.flatMap((source) => [...source.matchAll(/\.note\('(\w+)', '([\w-]+)'\)/g)])
  expect(told.length).toBeGreaterThan(20)
  for (const [, policy = '', outcome = ''] of told) {
    expect(noteWords(note(policy, outcome)), `${policy} ${outcome}`).toMatch(/^[A-Z].*\.$/)
    expect(policyName(policy)).not.toBe(policy)
  }
  expect(noteWords(note('rewrite', 'variant blue'))).toBe('variant blue')
  expect(noteWords(note('compression', 'br'))).toContain('br')
})

test('of several caches on the way the gateway is the last', () => {
  const fields = [
    ['Cache-Status', 'origin; hit'],
    ['cache-status', 'mid; fwd=uri-miss, Portico; hit; ttl=9'],
  ] as const
  expect(cacheStatusOf(fields)).toBe('Portico; hit; ttl=9')
  expect(cacheStatusOf(fields.slice(0, 1))).toBe(null)
  expect(cacheStatusOf([])).toBe(null)
})

test('the filter finds what policies did', () => {
  const entry = { host: 'a.localhost', path: '/', method: 'GET', status: 200, id: '1', client: '::1', totalMs: 1 }
  const matches = exchangeMatcher({ ...NO_FILTER, text: 'cache hit' })
  expect(matches({ ...entry, notes: [note('cache', 'hit')] } as ExchangeEntry)).toBe(true)
  expect(matches(entry as ExchangeEntry)).toBe(false)
})
