import { expect, test } from 'vitest'
import { cookieValue, removeCookie } from '../../../../src/main/engine/gateway/cookie.js'

test.each([
  [['Cookie', 'a=1; portico=x.y; b=2'], 'x.y'],
  [['cookie', 'a=1', 'cookie', 'portico=x'], 'x'],
  [['COOKIE', 'portico=a=b=='], 'a=b=='],
  [['Cookie', 'portico=1; portico=2'], '1'],
  [['Cookie', 'xportico=1;portico2=2'], null],
  [['Cookies', 'portico=1'], null],
  [['Cookie', ''], null],
  [[], null],
])('of %j the value is %j', (raw, value) => {
  expect(cookieValue(raw, 'portico')).toBe(value)
})

test.each([
  [
    ['Cookie', 'a=1; portico=x; b=2'],
    ['Cookie', 'a=1; b=2'],
  ],
  [
    ['A', 'b', 'Cookie', 'portico=x', 'C', 'd'],
    ['A', 'b', 'C', 'd'],
  ],
  [
    ['Cookie', 'a=1;  b=2'],
    ['Cookie', 'a=1;  b=2'],
  ],
  [['Cookie', 'portico=1; portico=2'], []],
])('%j becomes %j', (raw, left) => {
  removeCookie(raw, 'portico')
  expect(raw).toEqual(left)
})
