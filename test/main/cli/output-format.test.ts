import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plain, plainJson } from '../../../src/main/cli/escape.js'
import { formatBytes, formatDuration, formatEntry } from '../../../src/main/cli/format-entry.js'
import { formatListener, formatUptime } from '../../../src/main/cli/format-status.js'
import { shellQuote } from '../../../src/shared/shell-quote.js'
import { entry } from '../engine/control/recording-portal.js'

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

describe('what is shown on a terminal', () => {
  test('has no character that could do more than be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plain(text)).not.toMatch(UNSAFE)
        expect(plainJson({ [text]: text })).not.toMatch(UNSAFE)
        expect(JSON.parse(plainJson(text))).toBe(JSON.parse(JSON.stringify(text)))
      }),
    )
  })

  test('shows what it escapes', () => {
    expect(plain('a\x1b[2Jb\nc\u009b1m\u202e')).toBe('a\\x1b[2Jb\\nc\\x9b1m\\u202e')
    expect(plain('Grüße 日本')).toBe('Grüße 日本')
  })

  test('is one line per exchange, whatever the client sent', () => {
    const hostile = '\u001b]0;owned\u0007\n2026 200 GET fake'
    const line = formatEntry(
      entry({
        path: `/${hostile}`,
        method: hostile,
        host: hostile,
        client: hostile,
        app: hostile,
        backend: hostile,
        error: hostile,
      }),
    )
    expect(line).not.toMatch(UNSAFE)
  })

  test('names all that a person asks of an exchange', () => {
    expect(formatEntry(entry({ path: '/cart?a=1' }))).toBe(
      '2026-01-02 03:04:05.678  200  GET shop.localhost/cart?a=1  4.5 ms  12 B  h2  127.0.0.1  shop -> http://127.0.0.1:3000',
    )
    expect(formatEntry(entry({ attempts: 2, error: 'broken' }))).toMatch(
      /http:\/\/127.0.0.1:3000 {2}2 attempts {2}broken$/,
    )
    const notes = [
      { policy: 'faults', outcome: 'delayed' },
      { policy: 'cache', outcome: 'miss' },
    ]
    expect(formatEntry(entry({ notes, error: 'broken' }))).toMatch(/3000 {2}fault: delayed {2}broken$/)
    const lost = entry({ status: 0, app: null, backend: null, error: 'the client went away' })
    expect(formatEntry(lost)).toBe(
      '2026-01-02 03:04:05.678  ---  GET shop.localhost/  4.5 ms  12 B  h2  127.0.0.1  the client went away',
    )
  })

  test('has sizes and times in units that fit', () => {
    expect([0, 1023, 1024, 1536, 20 * 2 ** 20, 3 * 2 ** 40, 2 ** 60].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '20 MiB',
      '3.0 TiB',
      '1048576 TiB',
    ])
    expect([0.04, 4.5, 120.4, 2500].map(formatDuration)).toEqual(['0.0 ms', '4.5 ms', '120 ms', '2.5 s'])
    expect([0, 999, 61_000, 3_600_000, 100_000_000].map(formatUptime)).toEqual([
      '0 s',
      '0 s',
      '1 m 1 s',
      '1 h',
      '1 d 3 h',
    ])
    expect(formatListener({ address: '::1', port: 443, protocol: 'https' })).toBe('https://[::1]:443')
  })

  test('is safe to paste into a shell', () => {
    expect(shellQuote('/home/ann/.local/share/portico/ca/ca.pem')).toBe('/home/ann/.local/share/portico/ca/ca.pem')
    expect(shellQuote("/home/an n'/$(x)")).toBe("'/home/an n'\\''/$(x)'")
    expect(shellQuote('')).toBe("''")
  })
})
