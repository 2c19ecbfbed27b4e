import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openAuthority } from '../../../../src/main/engine/tls/authority.js'
import { nameConstraintsOf } from '../../../../src/main/engine/tls/name-constraints.js'
import {
  addedNames,
  changedNames,
  namesOf,
  permits,
  permittedNames,
} from '../../../../src/main/engine/tls/permitted-names.js'
import { openssl, temporaryDirectory } from './support.js'

const USUAL = { permitted: permittedNames(), excluded: [] }

test.each([
  ...['localhost', 'shop.localhost', '*.localhost', '*.a.b.test', 'x.home.arpa', 'nas.local', 'db.internal'],
  ...['127.0.0.1', '127.255.255.255', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.5', '169.254.0.1'],
  ...['::1', 'fd00::1', 'fe80::1', 'febf::1'],
])('a new CA may vouch for %s', (name) => {
  expect(permits(USUAL, name)).toBe(true)
})

test.each([
  ...['example.com', '*.example.com', 'notlocalhost', 'localhost.example.com', 'arpa', 'home.arpa.example', 'shop'],
  ...['8.8.8.8', '126.255.255.255', '128.0.0.1', '172.15.255.255', '172.32.0.1', '192.169.0.1', '11.0.0.1'],
  ...['::', '::2', '2001:db8::1', 'fec0::1', '::ffff:127.0.0.1'],
])('a new CA may not vouch for %s', (name) => {
  expect(permits(USUAL, name)).toBe(false)
})

test('a CA without constraints may vouch for all, one that has none for a form for all of that form', () => {
  expect(permits(null, 'example.com')).toBe(true)
  expect(permits({ permitted: ['test'], excluded: [] }, '8.8.8.8')).toBe(true)
  expect(permits({ permitted: ['10.0.0.0/8'], excluded: [] }, 'example.com')).toBe(true)
  expect(permits({ permitted: ['test'], excluded: ['evil.test'] }, 'a.evil.test')).toBe(false)
  expect(permits({ permitted: ['.test'], excluded: [] }, 'test')).toBe(false)
  expect(permits({ permitted: ['.test'], excluded: [] }, 'a.test')).toBe(true)
})

test('what is added is written as a person likes, kept once, and left out where it is permitted anyway', () => {
  const add = ['*.Example.COM.', '.example.com', 'bücher.example', 'x.test', '192.168.7.7', '8.8.8.8', '2001:DB8::1']
  expect(changedNames(['old.example'], { add, remove: ['old.example'] })).toEqual([
    ...['example.com', 'xn--bcher-kva.example', '8.8.8.8/32', '2001:db8::1/128'],
  ])
})

test('what is no domain is refused, and so are more than a hundred', () => {
  for (const add of ['', '*', 'a b', 'https://a.example', 'a.example/8'])
    expect(() => changedNames([], { add: [add] })).toThrow('neither a domain nor an address')
  const many = Array.from({ length: 101 }, (_, index) => `a${index}.example`)
  expect(() => changedNames([], { add: many })).toThrow('not for 101')
  expect(changedNames([], { add: many.slice(1) })).toHaveLength(100)
})

test('what is written into a new CA is read from it, critical, with every form of names closed', async () => {
  const directory = path.join(await temporaryDirectory(), 'ca')
  const { certFile, constraints } = await openAuthority(directory, Date.now())
  expect(constraints).toEqual(USUAL)
  expect(nameConstraintsOf(await readFile(certFile, 'utf8'))).toEqual(USUAL)
  expect(addedNames(constraints)).toEqual([])
  expect(namesOf(USUAL).dns).toEqual(['localhost', 'test', 'internal', 'local', 'home.arpa'])
  expect(namesOf(USUAL).ip).toContain('fe80::/10')
  const text = await openssl('x509', '-in', certFile, '-noout', '-text')
  expect(text).toMatch(/X509v3 Name Constraints: critical\s+Permitted:\s+DNS:localhost\n/)
  for (const line of ['IP:172.16.0.0/255.240.0.0', 'IP:FE80:0:0:0:0:0:0:0/FFC0:', 'email:invalid', 'URI:invalid'])
    expect(text).toContain(line)
})
