import { expect, test } from 'vitest'
import { Strangers } from '../../../../../src/main/engine/tunnel/relay/strangers.js'

test('an address has so many places, which are given back; another address has its own', () => {
  const strangers = new Strangers(2)
  const [first, second] = [strangers.enter('192.0.2.1'), strangers.enter('::ffff:192.0.2.1')]
  expect([first, second]).not.toContain(null)
  expect(strangers.enter('192.0.2.1')).toBeNull()
  expect(strangers.enter('192.0.2.2')).not.toBeNull()
  first?.()
  first?.()
  expect(strangers.enter('192.0.2.1')).not.toBeNull()
  expect(strangers.enter('192.0.2.1')).toBeNull()
})

test.each([
  ['2001:db8::1', '2001:db8::2', true],
  ['2001:db8:0:1::1', '2001:db8:0:1:ffff:1:2:3', true],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::9', true],
  ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
  ['fe80::1%eth0', 'fe80::2%eth0', true],
  ['2001:db8::', '2001:db8:0:0:1::', true],
])('%s and %s are one: %s', (one, other, same) => {
  const strangers = new Strangers(1)
  strangers.enter(one)
  expect(strangers.enter(other) === null).toBe(same)
})

test('this machine is not counted: a server in front of the relay speaks for many', () => {
  const strangers = new Strangers(1)
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    expect([strangers.enter(address), strangers.enter(address)]).not.toContain(null)
})
