import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolvePath } from '../../../../../src/main/engine/gateway/static/resolve-path.js'

const served: [path: string, segments: string[], directory: boolean][] = [
  ['', [], true],
  ['/', [], true],
  ['/index.html', ['index.html'], false],
  ['/a/b/', ['a', 'b'], true],
  ['//a///b', ['a', 'b'], false],
  ['/caf%C3%A9%20au%20lait.txt', ['café au lait.txt'], false],
  ['/%61.txt', ['a.txt'], false],
  ['/100%25.txt', ['100%.txt'], false],
  ['/.well-known/security.txt', ['.well-known', 'security.txt'], false],
  ['/%252e%252e/secret', ['%2e%2e', 'secret'], false],
  ['/%255c', ['%5c'], false],
  ['/a..b/c...d', ['a..b', 'c...d'], false],
  ['/;/a;b', [';', 'a;b'], false],
  ['/vendors~main.js', ['vendors~main.js'], false],
  ['/chapter~1.html', ['chapter~1.html'], false],
  ['/~user/', ['~user'], true],
  ['/console.js', ['console.js'], false],
  ['/com10.txt', ['com10.txt'], false],
  ['/%F0%9F%91%A8%E2%80%8D%F0%9F%91%A9.png', ['👨\u200d👩.png'], false],
]

test.each(served)('%s names %j', (path, segments, directory) => {
  expect(resolvePath(path)).toEqual({ kind: 'path', segments, directory })
})

const malformed = [
  'a',
  '/%',
  '/%4',
  '/%zz',
  '/%ff',
  '/%c0%ae%c0%ae/x',
  '/%e0%80%ae/x',
  '/%ed%a0%80',
  '/\u00e4',
  '/a b',
  '/a\tb',
  '/a%00',
  '/a%00.html',
  '/a%0d%0ab',
  '/a%7f',
  '/a\\b',
  '/a%5cb',
  '/..%5c..%5csecret',
  '/a?b',
  '/a#b',
  '/..',
  '/../secret',
  '/a/../../secret',
  '/%2e%2e/secret',
  '/.%2E/secret',
  '/a/./b',
  '/%2e',
  '/..%2fsecret',
  '/a%2f..%2f..%2fsecret',
  '/%e2%80%8c..%e2%80%8d/secret',
]

test.each(malformed)('%j is a bad request', (path) => {
  expect(resolvePath(path)).toMatchObject({ kind: 'refused', status: 400 })
})

const hidden = ['/.env', '/.git/config', '/a/.htpasswd', '/%2eenv', '/...', '/..;/x', '/..%20', '/%e2%80%8c.git/config']
hidden.push('/a%2f.env', '/a/.well-known/x', '/.WELL-KNOWN/x', '/.well-known/.secret', '/.well-known%2f.secret')

test.each(hidden)('%j is hidden', (path) => {
  expect(resolvePath(path)).toMatchObject({ kind: 'refused', status: 404 })
})

const unnameable = ['/a%2fb', '/%2fetc%2fpasswd', '/c:/windows', '/C%3A', '/file.txt::$DATA', '/file.txt:stream']
unnameable.push('/file.txt.', '/file.txt...', '/file%20', '/file.txt%20.', '/dir./x', '/con', '/CON.txt', '/aux.tar.gz')
unnameable.push('/nul%20.txt', '/Com1', '/lpt9.js', '/COM%C2%B9', '/conin$', '/clock$', '/PROGRA~1/x', '/longfi~1.txt')
unnameable.push('/A~123456.HTM', '/HTACCE~1')

test.each(unnameable)('%j can name no file', (path) => {
  expect(resolvePath(path)).toMatchObject({ kind: 'unnameable' })
})

test('whatever the path, its segments cannot climb, hide, or be split further', () => {
  const token = fc.oneof(
    fc.constantFrom('..', '.', '/', '%2e', '%2E', '%252e', '%2f', '%5c', '\\', '%00', ';', ':', '~1', ' ', '%20', 'a'),
    fc.string({ maxLength: 3 }),
    fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`),
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const resolved = resolvePath(`/${tokens.join('')}`)
      if (resolved.kind !== 'path') return
      for (const segment of resolved.segments) {
        expect(segment).toMatch(/^(?!\.(?!well-known$))[^/\\:\0]+(?<![. ])$/)
      }
    }),
    { numRuns: 3000 },
  )
})
