import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type AllowFacts,
  type Candidate,
  judgeTarget,
  knownAddresses,
  mayResolve,
} from '../../../../../src/main/engine/tunnel/agent/allow-list.js'
import { parseAllowRule } from '../../../../../src/main/engine/tunnel/agent/allow-rules.js'
import { Fault } from '../../../../../src/shared/fault.js'

const NOTHING: AllowFacts = { rules: [], ownPorts: [], reservedPorts: [], reservedPlaces: [], localAddresses: [] }

function facts(allow: string[], more: Partial<AllowFacts> = {}): AllowFacts {
  return { ...NOTHING, rules: allow.map(parseAllowRule), ...more }
}

/** `host>address:port`; without `host>` the address is what was asked for. */
function candidate(text: string): Candidate {
  const [, host, address = '', port] = /^(?:(.+)>)?(.+):(\d+)$/.exec(text) ?? []
  return { host: host ?? address, address, port: Number(port) }
}

function allows(text: string, given: AllowFacts): boolean {
  return judgeTarget(candidate(text), given).allowed
}

test.each<[allow: string[], allowed: string[], refused: string[]]>([
  [[], [], ['10.0.0.5:22', '127.0.0.1:22', '::1:22', 'db.lan>10.0.0.5:22']],
  [
    ['db.lan:5432'],
    ['db.lan>10.0.0.5:5432', 'DB.lan.>10.0.0.5:5432'],
    ['db.lan>10.0.0.5:22', 'x.lan>10.0.0.5:5432', '10.0.0.5:5432'],
  ],
  [['db.lan:*'], ['db.lan>10.0.0.5:1', 'db.lan>fd00::5:65535'], ['a.db.lan>10.0.0.5:1']],
  [['10.0.0.5:22'], ['10.0.0.5:22', 'any.lan>10.0.0.5:22', '::ffff:10.0.0.5:22'], ['10.0.0.6:22', '10.0.0.5:23']],
  [['10.0.0.5'], ['10.0.0.5:22', '10.0.0.5:80'], ['10.0.0.6:22']],
  [['10.0.0.0/8'], ['10.9.9.9:1', 'any.lan>10.1.1.1:443'], ['11.0.0.1:1', '127.0.0.1:1']],
  [['10.0.0.0/8:5432'], ['10.9.9.9:5432'], ['10.9.9.9:5433']],
  [
    ['[fd00::/8]:22', '[fd00::5]:80'],
    ['fd00::9:22', 'fd00::5:80'],
    ['fd00::9:80', 'fe80::1:22'],
  ],
  [['fd00::/8'], ['fd00::9:22'], ['10.0.0.1:22']],
  [
    ['localhost:5432'],
    ['127.0.0.1:5432', '::1:5432', 'localhost>127.0.0.1:5432', '127.8.8.8:5432'],
    ['127.0.0.1:5433'],
  ],
  [['localhost:*'], ['127.0.0.1:1', 'localhost>::1:99'], ['10.0.0.1:1', '0.0.0.0:1', ':::1']],
])('--allow %j', (allow, allowed, refused) => {
  const given = facts(allow)
  expect(allowed.filter((text) => !allows(text, given))).toEqual([])
  expect(refused.filter((text) => allows(text, given))).toEqual([])
})

test("without any wish the user's own apps on the loopback are allowed, and nothing else of this machine", () => {
  const given = facts([], { ownPorts: [3000], localAddresses: ['192.168.1.5'] })
  expect(allows('localhost>127.0.0.1:3000', given)).toBe(true)
  expect(allows('::1:3000', given)).toBe(true)
  expect(allows('127.0.0.1:3001', given)).toBe(false)
  expect(allows('192.168.1.5:3000', given)).toBe(false)
})

test('a name that leads to this machine by DNS is not allowed by the name', () => {
  for (const allow of ['db.lan:5432', 'db.lan:*']) {
    expect(allows('db.lan>127.0.0.1:5432', facts([allow]))).toBe(false)
    expect(allows('db.lan>::ffff:127.0.0.1:5432', facts([allow]))).toBe(false)
    expect(allows('db.lan>127.0.0.1:5432', facts([allow, '127.0.0.1:5432']))).toBe(true)
  }
})

const UNWANTED = [
  '169.254.169.254',
  '169.254.1.1',
  'fe80::1',
  'fe80::1%eth0',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  '2002:a9fe:a9fe::1',
  '100.100.100.200',
  '168.63.129.16',
  'fd00:ec2::254',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
]

test.each(UNWANTED)('%s is reached by its exact name alone', (address) => {
  const asked = { host: 'meta.lan', address, port: 80 }
  const bare = address.replace(/%.*/, '')
  const wide = facts(['0.0.0.0/0', '::/0', 'meta.lan:80', 'meta.lan:*', bare], { ownPorts: [80] })
  expect(judgeTarget(asked, wide).allowed).toBe(false)
  expect(judgeTarget({ ...asked, host: address }, wide).allowed).toBe(false)
  expect(judgeTarget(asked, facts([`[${bare}]:80`])).allowed).toBe(true)
  expect(judgeTarget({ ...asked, port: 81 }, facts([`[${bare}]:80`])).allowed).toBe(false)
})

test("Portico's own ports need their exact name, at each address of this machine", () => {
  const own = { reservedPorts: [443], ownPorts: [443], localAddresses: ['192.168.1.5'] }
  const wide = facts(['127.0.0.0/8', '::/0', '192.168.0.0/16', 'localhost:*', 'me.lan:443'], own)
  for (const text of [
    '127.0.0.1:443',
    '::1:443',
    '192.168.1.5:443',
    'me.lan>192.168.1.5:443',
    '::ffff:192.168.1.5:443',
  ]) {
    expect(allows(text, wide)).toBe(false)
  }
  expect(allows('192.168.1.6:443', wide)).toBe(true)
  expect(allows('127.0.0.1:443', facts(['127.0.0.1:443'], own))).toBe(true)
  expect(allows('127.0.0.1:443', facts(['localhost:443'], own))).toBe(true)
  expect(allows('192.168.1.5:443', facts(['localhost:443'], own))).toBe(false)
})

test("the relay's own listener is not for its users, wherever it is", () => {
  const given = facts(['0.0.0.0/0'], { reservedPlaces: [{ address: '::ffff:203.0.113.9', port: 8443 }] })
  expect(allows('203.0.113.9:8443', given)).toBe(false)
  expect(allows('203.0.113.9:22', given)).toBe(true)
})

test('names are known without asking, or asked for only when a rule could allow them', () => {
  expect(knownAddresses('app.localhost')).toEqual(['127.0.0.1', '::1'])
  expect(knownAddresses('10.0.0.5')).toEqual(['10.0.0.5'])
  expect(knownAddresses('0x7f.1')).toBeNull()
  expect(knownAddresses('db.lan')).toBeNull()
  expect(mayResolve('db.lan', 5432, facts(['db.lan:5432']))).toBe(true)
  expect(mayResolve('DB.lan.', 5432, facts(['db.lan:*']))).toBe(true)
  expect(mayResolve('secret.of.the.agent.evil.example', 5432, facts(['db.lan:5432', 'localhost:*']))).toBe(false)
  expect(mayResolve('any.lan', 22, facts(['10.0.0.0/8:22']))).toBe(true)
  expect(mayResolve('any.lan', 23, facts(['10.0.0.0/8:22']))).toBe(false)
})

test.each([
  '',
  'db.lan',
  'db.lan:',
  'db.lan:0',
  'db.lan:65536',
  ':22',
  'a b:1',
  'http://x:1',
  '10.0.0.0/33',
  '[fd00::]:x',
  '1.2.3:4',
  '*:22',
])('--allow %j is refused', (text) => {
  expect(() => parseAllowRule(text)).toThrow(Fault)
})

const v4 = fc.ipV4()
const v6 = fc.ipV6()
const address = fc.oneof(v4, v6, fc.constantFrom(...UNWANTED, '127.0.0.1', '::1', '10.0.0.5'))
const port = fc.oneof(fc.constantFrom(22, 443, 5432), fc.integer({ min: 1, max: 65_535 }))
const name = fc.constantFrom('db.lan', 'localhost', 'x.localhost', 'me.example')
const plain = address.map((text) => text.replace(/%.*/, ''))
const rule = fc.oneof(
  fc.tuple(name, fc.oneof(port.map(String), fc.constant('*'))).map(([host, its]) => `${host}:${its}`),
  fc.tuple(plain, port).map(([host, its]) => (host.includes(':') ? `[${host}]:${its}` : `${host}:${its}`)),
  fc.tuple(v4, fc.integer({ min: 0, max: 32 })).map(([base, bits]) => `${base}/${bits}`),
  fc.tuple(v6, fc.integer({ min: 0, max: 128 })).map(([base, bits]) => `${base}/${bits}`),
)
const asked = fc.record({ host: fc.oneof(name, plain), address, port })

test('whatever is allowed: link-local, metadata and reserved places are open to an exact rule alone', () => {
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 6 }),
      fc.constantFrom(...UNWANTED),
      port,
      name,
      (rules, unwanted, its, host) => {
        const exact = new RegExp(`^\\[?[^/]*\\]?:${its}$`)
        const given = facts(rules.filter((text) => !exact.test(text)))
        expect(judgeTarget({ host, address: unwanted, port: its }, given).allowed).toBe(false)
      },
    ),
  )
})

test('a further rule never takes anything away, and their order is of no matter', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), rule, asked, (rules, further, target) => {
      const before = judgeTarget(target, facts(rules)).allowed
      const after = judgeTarget(target, facts([...rules, further])).allowed
      expect(before && !after).toBe(false)
      expect(judgeTarget(target, facts([further, ...rules].reverse())).allowed).toBe(after)
    }),
  )
})

test('an IPv4 address inside an IPv6 one is judged as itself', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 5 }), v4, port, (rules, inner, its) => {
      const given = facts(rules, { ownPorts: [443], reservedPorts: [22] })
      const bare = judgeTarget({ host: inner, address: inner, port: its }, given).allowed
      const mapped = judgeTarget({ host: 'x.example', address: `::ffff:${inner}`, port: its }, given).allowed
      expect(mapped).toBe(bare)
    }),
  )
})

test('with no rule and no app nothing is allowed', () => {
  fc.assert(
    fc.property(asked, (target) => {
      expect(judgeTarget(target, NOTHING).allowed).toBe(false)
    }),
  )
})
