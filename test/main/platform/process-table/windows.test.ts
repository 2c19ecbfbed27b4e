import { expect, test } from 'vitest'
import { WindowsProcesses } from '../../../../src/main/platform/process-table/windows.js'

const row = (pid: number, ppid: number) => ({
  ProcessId: pid,
  ParentProcessId: ppid,
  Birth: '2026-11-21T08:54:51.1234560Z',
  KernelModeTime: 0,
  UserModeTime: 0,
  WorkingSetSize: 4096,
  Name: 'node.exe',
  CommandLine: `node.exe ${pid}`,
})

/** Answers as powershell.exe and taskkill do for these processes, and notes how they were called. */
function windows(rows: ReturnType<typeof row>[], blocked = false) {
  const runs: string[][] = []
  const run = async (program: string, words: string[]) => {
    runs.push([program, ...words])
    if (program === 'taskkill') {
      const exists = rows.some(({ ProcessId }) => words.includes(String(ProcessId)))
      if (!exists) return { exitCode: 128, stdout: '', stderr: `ERROR: The process "${words[1]}" not found.` }
      if (words.includes('/F')) return { exitCode: 0, stdout: 'SUCCESS: ...', stderr: '' }
      return {
        exitCode: 1,
        stdout: '',
        stderr: 'Reason: This process can only be terminated forcefully (with /F option).',
      }
    }
    if (blocked) return { exitCode: 1, stdout: '', stderr: 'This program is blocked by group policy.' }
    const wanted = [...(words.at(-1) ?? '').matchAll(/ProcessId=(\d+)/g)].map(([, pid]) => Number(pid))
    const found = rows.filter(({ ProcessId }) => wanted.length === 0 || wanted.includes(ProcessId))
    return { exitCode: 0, stdout: found.length === 0 ? '' : JSON.stringify(found), stderr: '' }
  }
  return {
    system: new WindowsProcesses(run),
    taskkills: () => runs.filter(([program]) => program === 'taskkill'),
    runs,
  }
}

test('tells all processes, or those asked for, and runs nothing to find none', async () => {
  const { system, runs } = windows([row(900, 880), row(901, 900)])
  expect((await system.list()).map(({ pid }) => pid)).toEqual([900, 901])
  expect(await system.find([901, 77])).toEqual([
    {
      pid: 901,
      ppid: 900,
      group: null,
      birth: '2026-11-21T08:54:51.1234560Z',
      cpuMs: 0,
      rssBytes: 4096,
      command: 'node.exe 901',
    },
  ])
  expect(runs).toHaveLength(2)
  expect(await system.find([])).toEqual([])
  expect(runs).toHaveLength(2)
})

test('a tree is killed by force, and asked to end without', async () => {
  const { system, taskkills } = windows([row(900, 880)])
  expect(await system.signalGroup(900, 'SIGKILL')).toBe(true)
  expect(await system.signalGroup(900, 'SIGTERM')).toBe(true)
  expect(taskkills()).toEqual([
    ['taskkill', '/PID', '900', '/T', '/F'],
    ['taskkill', '/PID', '900', '/T'],
  ])
})

test('children of a leader that has ended are still found and ended', async () => {
  const { system, taskkills } = windows([row(901, 900), row(902, 900), row(903, 901), row(40, 30)])
  expect(await system.groupMembers(900)).toEqual([901, 902, 903])
  expect(await system.signalGroup(900, 'SIGKILL')).toBe(true)
  expect(taskkills().at(-1)).toEqual(['taskkill', '/PID', '901', '/PID', '902', '/PID', '903', '/T', '/F'])
})

test('nobody hears what is sent to a process that is gone, or to the system itself', async () => {
  const { system, taskkills } = windows([row(4, 0)])
  expect(await system.signalGroup(900, 'SIGTERM')).toBe(false)
  expect(taskkills()).toHaveLength(1)
  for (const pid of [0, 4, -900, Number.NaN]) expect(await system.signalGroup(pid, 'SIGKILL')).toBe(false)
  expect(taskkills()).toHaveLength(1)
})

test('where PowerShell may not run, that is said, and a tree can still be ended', async () => {
  const { system } = windows([row(900, 880)], true)
  await expect(system.list()).rejects.toThrow('blocked by group policy')
  expect(await system.signalGroup(900, 'SIGKILL')).toBe(true)
  expect(await system.signalGroup(77, 'SIGKILL')).toBe(false)
})
