import { expect, test } from 'vitest'
import { escapeNonAscii } from '../../scripts/one-byte-output.js'

test('built code means the same, in characters of one byte', () => {
  const source = "['naïve – “quoted” 🙂', `it’s …`, /^[“”]+$/.test('“'), /^🙂$/u.test('🙂')]"
  const escaped = escapeNonAscii(source)
  expect(escaped).toMatch(/^[ -~]+$/)
  // biome-ignore lint/security/noGlobalEval: what an engine makes of the code is the question
  expect(globalThis.eval(escaped)).toEqual(['naïve – “quoted” 🙂', 'it’s …', true, true])
})
