import { expect, test } from 'vitest'
import { parseFolders, parseListeners } from '../../../../src/main/platform/port-discovery/lsof-output.js'

test('reads every listening socket of every process', () => {
  const output = [
    'p812',
    'cnode',
    'f23',
    'tIPv6',
    'n*:3000',
    'f24',
    'tIPv4',
    'n127.0.0.1:9229',
    'p1040',
    'cGoogle\\x20Chrome',
    'f7',
    'tIPv6',
    'n[::1]:5173',
    'f8',
    'tIPv4',
    'n*:8080',
    '',
  ].join('\n')
  expect(parseListeners(output)).toEqual([
    { pid: 812, command: 'node', address: '::', port: 3000 },
    { pid: 812, command: 'node', address: '127.0.0.1', port: 9229 },
    { pid: 1040, command: 'Google Chrome', address: '::1', port: 5173 },
    { pid: 1040, command: 'Google Chrome', address: '0.0.0.0', port: 8080 },
  ])
  expect(parseListeners('')).toEqual([])
})

test('reads working directories, escaped bytes included, and passes over those that may not be seen', () => {
  const output = [
    'p812',
    'fcwd',
    'n/Users/ada/code/caf\\xc3\\xa9 (new)',
    'p900',
    'fcwd',
    'n/proc/900/cwd (readlink: Permission denied)',
    'p901',
    'fcwd',
    'n/Users/ada/a\\\\b',
    '',
  ].join('\n')
  expect([...parseFolders(output)]).toEqual([
    [812, '/Users/ada/code/café (new)'],
    [901, '/Users/ada/a\\b'],
  ])
})
