import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draw } from '../../../../../src/main/engine/gateway/policies/faults.js'
import { HtmlInjector } from '../../../../../src/main/engine/gateway/policies/rewrite/html-injector.js'
import { targetRewriter } from '../../../../../src/main/engine/gateway/policies/rewrite/rewrite-target.js'
import { drawVariant } from '../../../../../src/main/engine/gateway/policies/rewrite/split.js'

describe('the target of a request', () => {
  const rewrite = targetRewriter({
    path: [
      { match: '^/users/(\\d+)/(?<what>\\w+)$', to: '/$<what>?user=$1' },
      { match: '^/old', to: '/new' },
      { match: '/späce$', to: '/a b' },
      { match: '^/bare$', to: '/' },
    ],
    query: { remove: ['utm_source'], set: { v: '2 3' } },
  })

  test.each([
    ['/users/42/posts', '/posts?user=42&v=2+3'],
    ['/users/42/posts?page=1&utm_source=x', '/posts?user=42&page=1&v=2+3'],
    ['/old/a%2Fb?x=%C3%A9&x=2', '/new/a%2Fb?x=%C3%A9&x=2&v=2+3'],
    ['/same?v=1&v=9', '/same?v=2+3'],
    ['/bare', '/?v=2+3'],
  ])('%s becomes %s', (from, to) => {
    expect(rewrite(from)).toBe(to)
  })

  test('nothing is changed where nothing is to be', () => {
    const pass = targetRewriter({ query: { remove: ['gone'] } })
    for (const target of ['/', '/?', '/a?b', '/a?b=&c&&d=%zz', '/a%20b?x=a+b'])
      expect(pass(target)).toBe(target.replace('&&', '&'))
  })

  test('the target of a gRPC call gets no query', () => {
    expect(rewrite('/shop.Orders/List', false)).toBe('/shop.Orders/List')
  })

  test('what a rule makes is always a path that can be sent', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const made = targetRewriter({ path: [{ match: '^/in$', to: `/${text.replaceAll('$', '')}` }] })('/in')
        expect(made).toMatch(/^\/[\x21-\x7e]*$/)
        expect(made).not.toContain('#')
      }),
    )
  })
})

function injected(html: string, pieces: number, head = '<x-head>', body = '<x-body>'): string {
  const injector = new HtmlInjector({ head, body })
  const size = Math.max(1, Math.ceil(html.length / pieces))
  let out = ''
  for (let at = 0; at < html.length; at += size) out += injector.write(html.slice(at, at + size))
  return out + injector.end()
}

describe('HTML put into a page', () => {
  test.each([
    [
      '<html><head><title>t</title></head><body><p>b</p></body></html>',
      '<html><head><title>t</title><x-head></head><body><p>b</p><x-body></body></html>',
    ],
    ['<!doctype html><title>t</title><p>no tags', '<!doctype html><title>t</title><x-head><p>no tags<x-body>'],
    [
      '<HEAD><script>var s = "</head></body>"</script></HEAD><BODY>x</BODY>',
      '<HEAD><script>var s = "</head></body>"</script><x-head></HEAD><BODY>x<x-body></BODY>',
    ],
    [
      '<!-- </head> --><body><textarea></body></textarea></body>',
      '<!-- </head> --><x-head><body><textarea></body></textarea><x-body></body>',
    ],
    ['', '<x-head><x-body>'],
  ])('%s', (page, expected) => {
    for (const pieces of [1, 2, 7, page.length]) expect(injected(page, pieces)).toBe(expected)
  })

  test('every other byte of a page passes as it was, however it is cut', () => {
    const parts = fc.constantFrom(
      '<p a="',
      '">',
      '<!--',
      '-->',
      '<script>',
      '</script>',
      '<',
      '\r\n',
      '\u00e9',
      '&amp;',
      'text',
      '</p',
      '>',
      '\0',
      '<svg><![CDATA[',
      ']]>',
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (words, pieces) => {
        const page = words.join('')
        const out = injected(page, pieces, '', '')
        expect(out).toBe(page)
      }),
      { numRuns: 300 },
    )
  })
})

test('variants are drawn by their weights', () => {
  const variants = [
    { name: 'a', weight: 1 },
    { name: 'b', weight: 0 },
    { name: 'c', weight: 3 },
  ]
  const names = Array.from({ length: 400 }, (_, i) => drawVariant(variants, i / 400).name)
  expect(['a', 'b', 'c'].map((name) => names.filter((one) => one === name).length)).toEqual([100, 0, 300])
})

test('faults strike their share of the requests, and delays stay within their jitter', () => {
  const settings = {
    delay: { time: '100ms', jitter: '50ms', share: 0.5 },
    abort: { share: 0.1 },
    error: { status: 503, share: 0.2 },
  }
  let state = 1
  const random = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  const drawn = Array.from({ length: 20_000 }, () => draw(settings, random))
  const share = (test: (one: (typeof drawn)[number]) => boolean) => drawn.filter(test).length / drawn.length
  expect(share(({ delayMs }) => delayMs > 0)).toBeCloseTo(0.5, 1)
  expect(share(({ abort }) => abort)).toBeCloseTo(0.1, 1)
  expect(share(({ error }) => error === 503)).toBeCloseTo(0.2, 1)
  const delays = drawn.map(({ delayMs }) => delayMs).filter((ms) => ms > 0)
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(50)
  expect(Math.max(...delays)).toBeLessThanOrEqual(150)
  expect(draw({}, random)).toEqual({ delayMs: 0, abort: false, error: null })
})
