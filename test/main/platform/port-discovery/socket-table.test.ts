import { expect, test } from 'vitest'
import { parseSocketTable, parseSocketUsers } from '../../../../src/main/platform/port-discovery/socket-table.js'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'

test('reads the sockets that listen, not those connected, from /proc/net/tcp', () => {
  const table = [
    HEAD,
    '   0: 0100007F:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 41873 1 0000000000000000 100 0 0 10 0',
    '   1: 0100007F:01BB 0100007F:D2F4 01 00000000:00000000 00:00000000 00000000  1000        0 41999 1 0000000000000000 20 4 30 10 -1',
    '   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 30001 1 0000000000000000 100 0 0 10 0',
    '',
  ].join('\n')
  expect(parseSocketTable(table)).toEqual([
    { address: '127.0.0.1', port: 443, inode: '41873' },
    { address: '0.0.0.0', port: 80, inode: '30001' },
  ])
  expect(parseSocketUsers(table, 443)).toEqual([{ address: '127.0.0.1', user: 1000 }])
  expect(parseSocketUsers(table, 0xd2f4)).toEqual([])
})

test('reads the addresses of /proc/net/tcp6, IPv4 in IPv6 clothes as IPv4', () => {
  const row = (address: string, inode: number) =>
    `   0: ${address}:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`
  const table = [
    HEAD,
    row('00000000000000000000000000000000', 1),
    row('00000000000000000000000001000000', 2),
    row('0000000000000000FFFF00000100007F', 3),
    row('B80D0120000000000000000001000000', 4),
  ].join('\n')
  expect(parseSocketTable(table).map(({ address, port }) => `${address} ${port}`)).toEqual([
    ':: 3000',
    '::1 3000',
    '127.0.0.1 3000',
    '2001:db8::1 3000',
  ])
})

test('what is no table has no sockets', () => {
  expect(parseSocketTable('')).toEqual([])
  expect(parseSocketTable(`${HEAD}\n   0: broken\n`)).toEqual([])
})
