import { expect, test } from 'vitest'
import { exitText, portTaken, refusedPort } from '../../../../src/main/engine/supervisor/port-taken.js'

test.each<[string, string[], number | null]>([
  ['Node', ['Error: listen EADDRINUSE: address already in use :::3000', "  code: 'EADDRINUSE',", '  port: 3000'], 3000],
  ['Node on one address', ['Error: listen EADDRINUSE: address already in use 127.0.0.1:8080'], 8080],
  ['Go, with the time', ['2026/11/21 12:30:45 listen tcp :8081: bind: address already in use'], 8081],
  ['Puma', ['Address already in use - bind(2) for "127.0.0.1" port 3000 (Errno::EADDRINUSE)'], 3000],
  ['Vite', ['Error: Port 5173 is already in use'], 5173],
  ['Next.js', [' ⨯ Failed to start server', 'Error: listen EADDRINUSE: address already in use :::3001'], 3001],
  ['Django', ['Error: That port is already in use.'], 4100],
  ['Python', ['OSError: [Errno 98] Address already in use'], 4100],
  ['Windows', ['Only one usage of each socket address (protocol/network address/port) is normally permitted.'], 4100],
  ['another reason', ['TypeError: port is undefined', 'server on :3000'], null],
])('the port that %s complains of', (_name, lines, port) => {
  expect(refusedPort(lines, 4100)).toBe(port)
})

test('who has a port is said as far as it is known', () => {
  expect(portTaken(3000, { pid: 812, command: 'node server.js' })).toBe(
    'port 3000 is already taken by PID 812 (node server.js)',
  )
  expect(portTaken(3000, { pid: 812, command: null })).toBe('port 3000 is already taken by PID 812')
  expect(portTaken(3000, { pid: null, command: null })).toBe('port 3000 is already taken by a process of another user')
  expect(portTaken(3000, null)).toBe('port 3000 is already taken')
})

test('how a process ended is a sentence', () => {
  expect(exitText({ code: 1, signal: null }, true)).toBe('It exited with code 1')
  expect(exitText({ code: 0, signal: null }, true)).toBe('It ended by itself')
  expect(exitText({ code: null, signal: 'SIGSEGV' }, false)).toBe('It was ended by SIGSEGV before it was ready')
})
