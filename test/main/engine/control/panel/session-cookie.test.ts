import { expect, test } from 'vitest'
import { newSecret } from '../../../../../src/main/engine/control/panel/secret.js'
import { sessionCookie, sessionSecrets } from '../../../../../src/main/engine/control/panel/session-cookie.js'

const SECRET = newSecret()

test('the cookie is for this host alone, out of reach of scripts and of other sites', () => {
  const [pair, ...attributes] = sessionCookie(SECRET, 90_500).split('; ')
  expect(pair).toBe(`__Host-portico=${SECRET}`)
  expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=90', 'Path=/', 'SameSite=Strict', 'Secure'])
})

test.each([
  ['one field', [`a=b; __Host-portico=${SECRET}; c=d`], [SECRET]],
  ['a field for each pair, as over HTTP/2', ['a=b', `__Host-portico=${SECRET}`], [SECRET]],
  ['no field', [], []],
  ['another name', [`portico=${SECRET}; x__Host-portico=${SECRET}; __host-portico=${SECRET}`], []],
  ['another length', [`__Host-portico=${SECRET}x; __Host-portico=; __Host-portico`], []],
  ['other characters', [`__Host-portico="${SECRET.slice(2)}"`], []],
])('is found in %s', (_name, fields, secrets) => {
  expect(sessionSecrets(fields)).toEqual(secrets)
})
