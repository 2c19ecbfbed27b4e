import { expect, test } from 'vitest'
import type { ListeningProcess, ListeningSocket } from '../../../../src/main/engine/discovery/port-scanner.js'
import { selectListeners } from '../../../../src/main/engine/discovery/select-listeners.js'

const OWN = { pid: 1, ports: [443] }
const node = (pid = 50, commandLine: string | null = 'node server.js'): ListeningProcess => ({
  pid,
  command: 'node',
  folder: '/code/shop',
  commandLine,
})
const socket = (port: number, address = '127.0.0.1', process: ListeningProcess | null = node()): ListeningSocket => ({
  port,
  address,
  process,
})
const ports = (...sockets: ListeningSocket[]) => selectListeners(sockets, OWN).map(({ port }) => port)

test('only what this machine can reach on a loopback address is an app', () => {
  expect(
    ports(
      socket(3004, '0.0.0.0'),
      socket(3003, '::'),
      socket(3002, '::1'),
      socket(3001, '127.0.0.53'),
      socket(3005, '192.168.1.7'),
      socket(3006, 'fe80::1'),
    ),
  ).toEqual([3001, 3002, 3003, 3004])
})

test('one port is one entry, with the process that answers 127.0.0.1', () => {
  expect(selectListeners([socket(3000, '::1', node(60)), socket(3000, '127.0.0.1', node(50))], OWN)).toEqual([
    { port: 3000, addresses: ['127.0.0.1', '::1'], process: node(50) },
  ])
  expect(selectListeners([socket(3000, '0.0.0.0', null), socket(3000, '::', node(60))], OWN)).toMatchObject([
    { addresses: ['0.0.0.0', '::'], process: { pid: 60 } },
  ])
})

test('the gateway does not find itself', () => {
  expect(ports(socket(3000, '127.0.0.1', node(1)), socket(443, '127.0.0.1', null))).toEqual([])
  expect(ports(socket(3000, '127.0.0.1', null))).toEqual([3000])
})

test('databases and other services are no apps, by port or by program', () => {
  expect(ports(socket(5432), socket(6379), socket(3306), socket(22), socket(9229))).toEqual([])
  const as = (command: string) => socket(5555, '127.0.0.1', { ...node(), command })
  expect(ports(as('postgres'))).toEqual([])
  expect(ports(as('ControlCe'))).toEqual([])
  expect(ports(as('nginx'))).toEqual([5555])
})

test.each([
  ['node --inspect=9333 server.js', [3000]],
  ['node --inspect-brk=127.0.0.1:9333 server.js', [3000]],
  ['node --inspect server.js', [3000, 9333]],
  ['node server.js', [3000, 9333]],
])('the debugger of `%s` is no app', (commandLine, expected) => {
  expect(ports(...[3000, 9333].map((port) => socket(port, '127.0.0.1', node(50, commandLine))))).toEqual(expected)
})
