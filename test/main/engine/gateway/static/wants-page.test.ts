import { expect, test } from 'vitest'
import { acceptsHtml, wantsPage } from '../../../../../src/main/engine/gateway/static/wants-page.js'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'

const acceptances: [accept: string | undefined, level: string][] = [
  [undefined, 'wildcard'],
  ['', 'wildcard'],
  ['*/*', 'wildcard'],
  ['text/*', 'wildcard'],
  [BROWSER, 'named'],
  ['TEXT/HTML;Q=0.5', 'named'],
  ['text/html;q=0, */*', 'no'],
  ['text/*;q=0, */*', 'no'],
  ['*/*;q=0', 'no'],
  ['application/json', 'no'],
  ['image/avif,image/webp,*/*;q=0.8', 'wildcard'],
]

test.each(acceptances)('Accept %j takes HTML: %s', (accept, level) => {
  expect(acceptsHtml(accept)).toBe(level)
})

const navigations: [accept: string | undefined, destination: string | undefined, segment: string, page: boolean][] = [
  [BROWSER, 'document', 'cart', true],
  [BROWSER, undefined, 'john.doe', true],
  [undefined, undefined, 'cart', true],
  ['*/*', 'empty', 'cart', true],
  ['*/*', undefined, 'app.js', false],
  ['*/*', undefined, 'chunk-1a2b.mjs', false],
  [undefined, undefined, 'logo.png', false],
  ['*/*', 'script', 'cart', false],
  ['*/*', 'style', 'cart', false],
  ['application/json', 'empty', 'cart', false],
]

test.each(navigations)('Accept %j to %s for %s is a navigation: %s', (accept, destination, segment, page) => {
  expect(wantsPage(accept, destination, segment)).toBe(page)
})
