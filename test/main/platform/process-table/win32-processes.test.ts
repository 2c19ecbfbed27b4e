import { expect, test } from 'vitest'
import type { ProcessInfo } from '../../../../src/main/platform/process-table/process-system.js'
import {
  parseWin32Processes,
  processTree,
  win32ProcessScript,
} from '../../../../src/main/platform/process-table/win32-processes.js'

const NODE =
  '{"ProcessId":900,"ParentProcessId":880,"Birth":"2026-11-21T08:54:51.1234560Z","KernelModeTime":1406250,' +
  '"UserModeTime":12187500,"WorkingSetSize":98304000,"Name":"node.exe",' +
  '"CommandLine":"\\"C:\\\\Program Files\\\\nodejs\\\\node.exe\\" server.js --name caf\u00e9 "}'
const IDLE =
  '{"ProcessId":0,"ParentProcessId":0,"Birth":null,"KernelModeTime":8913437500000,"UserModeTime":0,' +
  '"WorkingSetSize":8192,"Name":"System Idle Process","CommandLine":null}'

const node: ProcessInfo = {
  pid: 900,
  ppid: 880,
  group: null,
  birth: '2026-11-21T08:54:51.1234560Z',
  cpuMs: 1_359,
  rssBytes: 98_304_000,
  command: '"C:\\Program Files\\nodejs\\node.exe" server.js --name café',
}

test('reads one process, several, and none', () => {
  expect(parseWin32Processes(`${NODE}\r\n`)).toEqual([node])
  expect(parseWin32Processes(`\uFEFF[${IDLE},${NODE}]\r\n`)).toEqual([
    { pid: 0, ppid: 0, group: null, birth: '', cpuMs: 891_343_750, rssBytes: 8_192, command: 'System Idle Process' },
    node,
  ])
  expect(parseWin32Processes('\r\n')).toEqual([])
})

test('the script asks for what is read, of all processes or some', () => {
  for (const column of Object.keys(JSON.parse(NODE))) expect(win32ProcessScript()).toContain(column)
  expect(win32ProcessScript()).toContain('Get-CimInstance Win32_Process |')
  expect(win32ProcessScript('ProcessId=7')).toContain("Get-CimInstance Win32_Process -Filter 'ProcessId=7' |")
})

const at = (second: number) => `2026-11-21T08:54:${String(second).padStart(2, '0')}.0000000Z`
const born = (pid: number, ppid: number, second: number | null): ProcessInfo => ({
  ...node,
  pid,
  ppid,
  birth: second === null ? '' : at(second),
})

test('a tree has everybody who was started by its members', () => {
  const processes = [born(13, 12, 4), born(12, 10, 3), born(10, 5, 1), born(11, 10, 1), born(20, 5, 2)]
  expect(processTree(10, processes).sort()).toEqual([10, 11, 12, 13])
  expect(processTree(20, processes)).toEqual([20])
  expect(processTree(99, processes)).toEqual([])
})

test('who is older than the process with its parent’s number is no child of that', () => {
  expect(processTree(10, [born(10, 5, 7), born(11, 10, 3), born(12, 10, 8), born(13, 11, 9)])).toEqual([10, 12])
})

test('the tree of a root that has ended is what it started', () => {
  expect(processTree(10, [born(11, 10, 3), born(12, 11, 4), born(20, 5, 3)])).toEqual([11, 12])
})

test('processes that name each other as parents, and Windows’ own, end the search', () => {
  expect(processTree(10, [born(10, 11, 3), born(11, 10, 3)])).toEqual([10, 11])
  expect(processTree(0, [born(0, 0, null), born(4, 0, null)])).toEqual([0])
})
