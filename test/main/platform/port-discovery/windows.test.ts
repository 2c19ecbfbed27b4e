import { expect, test } from 'vitest'
import { NetstatScanner } from '../../../../src/main/platform/port-discovery/windows.js'

const HEAD = '  Proto  Local Address          Foreign Address        State           PID'
const NODE = {
  ProcessId: 900,
  Name: 'node.exe',
  CommandLine: '"C:\\nodejs\\node.exe" C:\\code\\shop\\node_modules\\vite\\bin\\vite.js',
}

/** Answers as the programs of a Windows 11 do, and notes which were run. */
function windows(answers: { cim?: unknown; rows?: string[] }) {
  const runs: string[] = []
  const run = async (program: string, words: string[]): Promise<string> => {
    runs.push(program)
    if (program === 'netstat') return [HEAD, ...(words.at(-1) === 'TCP' ? (answers.rows ?? []) : [])].join('\r\n')
    if (program === 'tasklist')
      return '"System Idle Process","0","Services","0","8 K"\r\n"node.exe","900","Console","1","1 K"\r\n'
    if (answers.cim === undefined) throw new Error('powershell.exe is blocked by policy')
    return JSON.stringify(answers.cim)
  }
  return { runs, run }
}

const listening = (port: number, pid: number) =>
  `  TCP    127.0.0.1:${port}         0.0.0.0:0              LISTENING       ${pid}`

test('tells process and folder of each listener', async () => {
  const { run } = windows({ rows: [listening(5173, 900), listening(80, 4), listening(81, 77)], cim: NODE })
  expect(await new NetstatScanner(run).scan()).toEqual([
    {
      address: '127.0.0.1',
      port: 5173,
      process: { pid: 900, command: 'node', commandLine: NODE.CommandLine, folder: 'C:\\code\\shop' },
    },
    {
      address: '127.0.0.1',
      port: 80,
      process: expect.objectContaining({ pid: 4, command: expect.stringContaining('http.sys') }),
    },
    { address: '127.0.0.1', port: 81, process: null },
  ])
})

test('asks for a process once, even when nothing is told of it', async () => {
  const answers = { rows: [listening(5173, 900), listening(81, 77)], cim: NODE }
  const { run, runs } = windows(answers)
  const scanner = new NetstatScanner(run)
  const first = await scanner.scan()
  expect(await scanner.scan()).toEqual(first)
  expect(runs.filter((program) => program === 'powershell.exe')).toHaveLength(1)
  answers.rows.push(listening(3000, 901))
  await scanner.scan()
  expect(runs.filter((program) => program === 'powershell.exe')).toHaveLength(2)
})

test('where PowerShell may not run, tasklist names the program', async () => {
  const { run } = windows({ rows: [listening(5173, 900)] })
  expect(await new NetstatScanner(run).scan()).toEqual([
    { address: '127.0.0.1', port: 5173, process: { pid: 900, command: 'node', commandLine: null, folder: null } },
  ])
})
