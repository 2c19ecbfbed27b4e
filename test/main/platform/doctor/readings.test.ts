import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { tryPort } from '../../../../src/main/platform/doctor/port-state.js'
import { readResolvConf } from '../../../../src/main/platform/doctor/resolv-conf.js'
import { isEngine } from '../../../../src/main/platform/doctor/surroundings.js'
import { readHostsLines } from '../../../../src/main/platform/resolver/hosts-block.js'

test('a hosts file is read with comments, tabs, CRLF, and a block that is Portico’s', () => {
  const text =
    '127.0.0.1\tlocalhost # me\r\n#10.0.0.1 off\r\n# BEGIN Portico\r\n::1\tShop.Test\r\n# END Portico\r\nfe80::1%lo0 gate\r\nno address\r\n'
  expect(readHostsLines(text)).toEqual([
    { number: 1, address: '127.0.0.1', names: ['localhost'], own: false },
    { number: 4, address: '::1', names: ['shop.test'], own: true },
    { number: 6, address: 'fe80::1%lo0', names: ['gate'], own: false },
  ])
})

test('of resolv.conf the last search line counts', () => {
  const text = 'domain a.test\nsearch b.test c.test\nnameserver 10.0.0.1\noptions edns0 ndots:3\n'
  expect(readResolvConf(text)).toEqual({ search: ['b.test', 'c.test'], ndots: 3 })
  expect(readResolvConf('nameserver 10.0.0.1\nsearch .\n')).toEqual({ search: [], ndots: 1 })
})

test('a port is free, or taken', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  expect(await tryPort('127.0.0.1', port)).toBe('taken')
  expect(await tryPort('127.0.0.1', 0)).toBe('free')
})

test.each([
  ['node /usr/lib/node_modules/portico/out/main/cli.js serve', true],
  ['portico --data-dir /tmp/x serve --https-port 0', true],
  ['/opt/Portico/portico-desktop /opt/Portico/resources/app.asar/out/main/engine-process.js', true],
  ['node server.js', false],
  ['vim portico/serve.ts', false],
])('%s is a gateway: %s', (commandLine, expected) => {
  expect(isEngine(commandLine)).toBe(expected)
})
