import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TOOLS } from '../../../../../src/main/engine/share/tools/tools.js'
import { readRun, recorded } from '../../../../support/share-tools.js'

const WORDS = [
  ...[
    'https://',
    'x.trycloudflare.com',
    '"url":',
    '{"msg":"started tunnel"',
    'ERR_NGROK_',
    '4018',
    'connIndex=',
    '|',
    ' ',
  ],
  ...[
    'Registered tunnel connection ',
    'Available on the internet:',
    'a.ts.net',
    '}',
    '\n',
    '2026-01-01T00:00:00Z INF ',
  ],
]
const noise = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.string()), { maxLength: 30 })
  .map((parts) => parts.join(''))

test.each(TOOLS.map(({ tool, ways }) => [tool, ways] as const))(
  '%s: whatever is printed does no harm, and an address is one of https',
  (tool, ways) => {
    fc.assert(
      fc.property(noise, fc.nat({ max: ways - 1 }), (text, way) => {
        for (const sign of readRun(tool, text, way).signs) {
          if (sign.type === 'open') expect(new URL(sign.url).protocol).toBe('https:')
        }
      }),
    )
  },
)

test('the words of one tool mean nothing to another', () => {
  expect(readRun('ngrok', recorded('cloudflared-2026.8.3.txt')).signs.filter(({ type }) => type !== 'note')).toEqual([])
  expect(readRun('tailscale', recorded('ngrok-3.0.json.txt')).signs.filter(({ type }) => type !== 'note')).toEqual([])
  expect(
    readRun('cloudflared', recorded('tailscale-1.80-funnel.txt')).signs.filter(({ type }) => type !== 'note'),
  ).toEqual([])
})
