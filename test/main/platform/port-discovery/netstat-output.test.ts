import { expect, test } from 'vitest'
import {
  parseNetstat,
  parseTasklist,
  parseWin32Processes,
} from '../../../../src/main/platform/port-discovery/netstat-output.js'
import { folderOfCommandLine } from '../../../../src/main/platform/port-discovery/windows-folder.js'

test('reads the listeners of netstat, also where the state is translated', () => {
  const netstat = [
    'Aktive Verbindungen',
    '',
    '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    '  TCP    0.0.0.0:443            0.0.0.0:0              ABHÖREN          4812',
    '  TCP    127.0.0.1:443          127.0.0.1:50211        HERGESTELLT      4812',
    '  TCP    [::1]:5173             [::]:0                 ABHÖREN          900',
    '  UDP    0.0.0.0:5353           *:*                                     1200',
  ].join('\r\n')
  expect(parseNetstat(netstat)).toEqual([
    { address: '0.0.0.0', port: 443, pid: 4812 },
    { address: '::1', port: 5173, pid: 900 },
  ])
})

test('reads tasklist, which also says in words that there is nothing', () => {
  expect(parseTasklist('"httpd.exe","4812","Services","0","21.340 K"\r\n"node.exe","900","Console","1","1 K"')).toEqual(
    [
      { pid: 4812, command: 'httpd', commandLine: null },
      { pid: 900, command: 'node', commandLine: null },
    ],
  )
  expect(parseTasklist('INFO: No tasks are running which match the specified criteria.')).toEqual([])
})

test('reads the processes of CIM, of which there may be none, one or several', () => {
  const one = '{"ProcessId":900,"Name":"node.exe","CommandLine":"node  server.js"}'
  const closed = '{"ProcessId":4,"Name":"System","CommandLine":null}'
  expect(parseWin32Processes('\r\n')).toEqual([])
  expect(parseWin32Processes(one)).toEqual([{ pid: 900, command: 'node', commandLine: 'node  server.js' }])
  expect(parseWin32Processes(`[${one},${closed}]`)).toHaveLength(2)
})

test.each([
  ['"C:\\Program Files\\nodejs\\node.exe" "C:\\code\\my shop\\node_modules\\vite\\bin\\vite.js"', 'C:\\code\\my shop'],
  ['"node" "C:/code/shop/node_modules/next/dist/bin/next" dev', 'C:\\code\\shop'],
  ['C:\\Python312\\python.exe D:\\sites\\blog\\manage.py runserver', 'D:\\sites\\blog'],
  ['node "C:\\Users\\ada\\AppData\\Roaming\\npm\\node_modules\\serve\\build\\main.js"', null],
  ['node server.js', null],
  ['C:\\code\\server.exe', null],
  [null, null],
])('finds the folder of a project in the command line %s', (commandLine, folder) => {
  expect(folderOfCommandLine(commandLine)).toBe(folder)
})
