import { expect, test } from 'vitest'
import { Fault } from '../../src/shared/fault.js'

test('a fault goes through JSON and comes back', () => {
  const fault = new Fault('port-taken', 'Port 443 is taken.', 'Stop nginx.')
  const back = Fault.from(JSON.parse(JSON.stringify(fault)))
  expect(back).toBeInstanceOf(Fault)
  expect(back).toMatchObject({ code: 'port-taken', message: 'Port 443 is taken.', hint: 'Stop nginx.' })
})

test('what crosses a process holds no stack, no cause and no empty hint', () => {
  const fault = new Fault('internal', 'It broke.', undefined, { cause: new Error('secret') })
  expect(JSON.parse(JSON.stringify(fault))).toEqual({ code: 'internal', message: 'It broke.' })
})

test('anything thrown becomes a fault, and a fault stays itself', () => {
  const fault = new Fault('conflict', 'Taken.')
  expect(Fault.of(fault)).toBe(fault)
  const error = new TypeError('x is not a function')
  expect(Fault.of(error)).toMatchObject({ code: 'internal', message: 'x is not a function', cause: error })
  expect(Fault.of('text')).toMatchObject({ code: 'internal', message: 'text' })
  expect(Fault.of(undefined)).toMatchObject({ code: 'internal', message: 'undefined' })
})
