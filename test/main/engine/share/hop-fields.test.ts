import { expect, test } from 'vitest'
import { requestFields } from '../../../../src/main/engine/share/hop-fields.js'

function visitors(...raw: string[]): string[] {
  const fields = requestFields(raw, 'shop.localhost', false) as string[]
  return fields.filter((_, at) => at % 2 === 1 && fields[at - 1]?.toLowerCase() === 'x-forwarded-for')
}

test.each([
  [['X-Forwarded-For', '203.0.113.7'], '203.0.113.7'],
  [
    ['x-forwarded-for', '203.0.113.7, 10.0.0.1', 'X-FORWARDED-FOR', '2001:db8::1'],
    '203.0.113.7, 10.0.0.1, 2001:db8::1',
  ],
  [[], '0.0.0.0'],
  [['X-Forwarded-For', ''], '0.0.0.0'],
  [['X-Forwarded-For', '127.0.0.1'], '0.0.0.0'],
  [['X-Forwarded-For', '203.0.113.7,127.9.9.9:80'], '203.0.113.7, 0.0.0.0'],
  [['X-Forwarded-For', '::1, [::1]:80, 0:0:0:0:0:0:0:1, ::ffff:127.0.0.1'], '0.0.0.0, 0.0.0.0, 0.0.0.0, 0.0.0.0'],
  [['X-Forwarded-For', '203.0.113.7, unknown'], '203.0.113.7, 0.0.0.0'],
])('nobody who comes by a tunnel is of this machine: %j', (raw, told) => {
  expect(visitors(...raw)).toEqual([told])
})
