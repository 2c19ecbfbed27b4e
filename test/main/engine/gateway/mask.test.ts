import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maskedTarget } from '../../../../src/main/engine/gateway/mask.js'

test.each([
  ['/a', '/a'],
  ['/token=abc', '/token=abc'],
  ['/a?q=1&page=2', '/a?q=1&page=2'],
  ['/a?token=abc', '/a?token=***'],
  ['/a?x=1&access_token=abc&y=2', '/a?x=1&access_token=***&y=2'],
  ['/a?API_KEY=abc', '/a?API_KEY=***'],
  ['/a?api-key=abc&apikey=def', '/a?api-key=***&apikey=***'],
  ['/a?client_secret=abc&password=def&passwd=g', '/a?client_secret=***&password=***&passwd=***'],
  ['/cb?code=abc&state=1', '/cb?code=***&state=1'],
  ['/a?X-Amz-Signature=abc&X-Amz-Credential=def', '/a?X-Amz-Signature=***&X-Amz-Credential=***'],
  ['/a?user[token]=abc', '/a?user[token]=***'],
  ['/a?token=', '/a?token=***'],
  ['/a?token', '/a?token'],
])('%s is logged as %s', (target, expected) => {
  expect(maskedTarget(target)).toBe(expected)
})

test('the value of a token is never in the log, wherever it stands in the query', () => {
  const parameter = fc.tuple(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z0-9%.]{0,6}$/))
  fc.assert(
    fc.property(fc.array(parameter), fc.array(parameter), (before, after) => {
      const query = [...before, ['token', 'S3CRET'], ...after].map(([name, value]) => `${name}=${value}`).join('&')
      expect(maskedTarget(`/x?${query}`)).not.toContain('S3CRET')
    }),
  )
})
