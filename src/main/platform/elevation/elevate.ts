import { createHash } from 'node:crypto'
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Plan } from '../../../shared/plan.js'
import { type RunProgram, saidBy } from '../plan/run-program.js'
import type { Platform } from '../platform.js'
import { chooseElevation, type ElevationWay } from './choose-elevation.js'
import { literal, powershellScript } from './powershell-script.js'
import { type ElevatedReport, readReport } from './report.js'
import { shellScript } from './shell-script.js'

/** What became of asking for an administrator's rights. */
export interface Elevated extends ElevatedReport {
  /** what the system said; for a person, when nothing was begun or nothing is known of a step */
  message: string
}

/** People look for their password, or for the colleague who has it. */
const PATIENCE_MS = 5 * 60_000
const PROMPT = 'Portico needs your approval to change this system.'

/**
 * Finds out how this process gets an administrator's rights; null where nobody can be asked.
 *
 * @param window whether the person looks at a window rather than at the terminal of this process
 */
export async function elevationWay(
  platform: Platform,
  env: NodeJS.ProcessEnv,
  run: RunProgram,
  window: boolean,
): Promise<ElevationWay | null> {
  if (process.getuid?.() === 0) return 'already'
  const found = await Promise.all(['sudo', 'pkexec'].map(async (name) => ((await inPath(name, env)) ? [name] : [])))
  const programs = new Set(found.flat())
  const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true
  const askSudo = platform === 'linux' && programs.has('sudo')
  const sudoIsFree = askSudo && (await run('sudo', ['-n', 'true'])).exitCode === 0
  return chooseElevation({ platform, isRoot: false, terminal, window, env, programs, sudoIsFree })
}

/** Does the elevated steps of plans after one approval. Never rejects. */
export async function runElevated(way: ElevationWay, plans: readonly Plan[], run: RunProgram): Promise<Elevated> {
  if (way === 'uac') return throughUac(plans, run)
  const { program, args, stdin } = posixInvocation(way, shellScript(plans))
  const result = await run(program, args, { timeoutMs: PATIENCE_MS, ...(stdin === undefined ? {} : { stdin }) })
  return { ...readReport(result.stdout, plans), message: saidBy(result) }
}

interface Invocation {
  program: string
  args: string[]
  stdin?: string
}

/** The script never is on a command line but where AppleScript takes it as one argument and quotes it itself. */
export function posixInvocation(way: Exclude<ElevationWay, 'uac'>, script: string): Invocation {
  switch (way) {
    case 'already':
      return { program: '/bin/sh', args: ['-s'], stdin: script }
    case 'sudo':
      return { program: 'sudo', args: ['-p', `${PROMPT} Password of %p: `, '--', '/bin/sh', '-s'], stdin: script }
    case 'sudo-askpass':
      return { program: 'sudo', args: ['-A', '-p', PROMPT, '--', '/bin/sh', '-s'], stdin: script }
    case 'sudo-silent':
      return { program: 'sudo', args: ['-n', '--', '/bin/sh', '-s'], stdin: script }
    case 'pkexec':
      return { program: 'pkexec', args: ['/bin/sh', '-s'], stdin: script }
    case 'osascript':
      return { program: '/usr/bin/osascript', args: [...APPLE_SCRIPT.flatMap((line) => ['-e', line]), script, PROMPT] }
  }
}

const APPLE_SCRIPT = [
  'on run argv',
  'do shell script (item 1 of argv) with prompt (item 2 of argv) with administrator privileges without altering line endings',
  'end run',
]

/**
 * UAC starts a program with a command line and no more. So the script waits in a file of this user, and the elevated
 * process runs it only if it still has the content that was approved.
 */
async function throughUac(plans: readonly Plan[], run: RunProgram): Promise<Elevated> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-elevated-'))
  try {
    const report = path.join(folder, 'report.txt')
    const file = path.join(folder, 'steps.txt')
    const script = Buffer.from(powershellScript(plans, report), 'utf8')
    await writeFile(file, script, { flag: 'wx' })
    const result = await run('powershell.exe', uacArguments(file, script), { timeoutMs: PATIENCE_MS })
    const said = await readFile(report, 'utf8').catch(() => '')
    return { ...readReport(said, plans), message: saidBy(result) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The arguments for powershell.exe that have a script file run elevated, provided that it is unchanged. */
export function uacArguments(file: string, script: Buffer): string[] {
  const inner = `$b = [IO.File]::ReadAllBytes(${literal(file)})
$h = [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($b)) -replace '-'
if ($h -ne '${createHash('sha256').update(script).digest('hex').toUpperCase()}') { exit 5 }
& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString($b)))`
  const words = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-EncodedCommand', encoded(inner)]
  const outer = `$ErrorActionPreference = 'Stop'
$p = Start-Process -FilePath "$PSHOME\\powershell.exe" -Verb RunAs -Wait -PassThru -WindowStyle Hidden -ArgumentList ${words.map(literal).join(',')}
exit $p.ExitCode`
  return ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded(outer)]
}

function encoded(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64')
}

async function inPath(program: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  for (const folder of (env.PATH ?? '').split(path.delimiter).filter(path.isAbsolute)) {
    try {
      await access(path.join(folder, program), constants.X_OK)
      return true
    } catch {}
  }
  return false
}
