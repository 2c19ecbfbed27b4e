import { expect, test } from 'vitest'
import { appOfLink, linkAmong } from '../../../src/main/app/deep-link.js'

test.each([
  ['portico://open/shop', 'shop'],
  ['portico://open/shop-2/', 'shop-2'],
  ['portico://open/', null],
  ['portico://open/Shop', null],
  ['portico://open/..', null],
  ['portico://open/a/b', null],
  ['portico://open/a?run=1', null],
  ['portico://open/a#b', null],
  ['portico://open/%73hop', null],
  ['portico://stop/shop', null],
  ['portico://open@evil/shop', null],
  [' portico://open/shop', null],
  ['https://open/shop', null],
])('%s asks for %s', (link, app) => {
  expect(appOfLink(link)).toBe(app)
})

test('the link is found among other arguments', () => {
  expect(linkAmong(['/usr/bin/portico', '--hidden', 'portico://open/shop'])).toBe('portico://open/shop')
  expect(linkAmong(['/usr/bin/portico', '--link=portico://open/shop'])).toBeNull()
})
