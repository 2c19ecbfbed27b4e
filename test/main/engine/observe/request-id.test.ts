import { expect, test } from 'vitest'
import { givenRequestId } from '../../../../src/main/engine/observe/request-id.js'

const ID = 'f058ebd6-02f7-4d3f-942e-904344e8cde5'

test.each([
  ['trusted', true, ID],
  ['trusted', false, null],
  ['any', false, ID],
  ['new', true, null],
] as const)('with "%s" the id of a peer that is trusted: %s', (rule, trusted, expected) => {
  expect(givenRequestId(['X-Request-ID', ID], rule, trusted)).toBe(expected)
})

test.each(['short', 'a'.repeat(129), 'with space in it', 'quote"quote', '<script>alert', 'line\tbreaks', ''])(
  'an id that is not well-formed is not taken over: %j',
  (id) => expect(givenRequestId(['x-request-id', id], 'any', true)).toBeNull(),
)

test('of two ids neither is taken over', () => {
  expect(givenRequestId(['x-request-id', ID, 'x-request-id', ID], 'any', true)).toBeNull()
})
