import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tryPort } from '../../../../src/main/platform/doctor/port-state.js'
import { findPrivateFiles } from '../../../../src/main/platform/doctor/private-files.js'
import { readResolvConf } from '../../../../src/main/platform/doctor/resolv-conf.js'
import { isEngine } from '../../../../src/main/platform/doctor/surroundings.js'
import { readHostsLines } from '../../../../src/main/platform/resolver/hosts-block.js'
import { temporaryFolder } from '../trust-store/support.js'

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

test('secrets and the folders on the way to them are private, and a site that somebody keeps beside them is not', async () => {
  const folder = await temporaryFolder()
  for (const name of ['ca', 'certs/shop.test', 'site']) await mkdir(path.join(folder, name), { recursive: true })
  for (const name of ['ca/ca.key', 'ca/ca.pem', 'certs/shop.test/key.pem', 'site/index.html'])
    await writeFile(path.join(folder, name), '')
  const found = (await findPrivateFiles(folder)).map((one) => path.relative(folder, one.path))
  expect(found.sort()).toEqual(['', 'ca', 'ca/ca.key', 'certs', 'certs/shop.test', 'certs/shop.test/key.pem'])
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
