import type { ChildProcess } from 'node:child_process'
import { access, constants, mkdtemp, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Protocol } from '../cases.ts'
import type { Lab } from '../lab.ts'
import { untilServed } from '../probe.ts'

/** A program that can be put in front of the backend; `plan` writes its configuration for one start. */
export interface Contestant {
  readonly name: string
  readonly protocols: readonly Protocol[]
  /** What is missing on this machine, in one phrase; null when it can run. */
  missing(lab: Lab): Promise<string | null>
  version(lab: Lab): Promise<string>
  /** `dir` is empty and belongs to this one start. */
  plan(lab: Lab, dir: string): Promise<StartPlan>
}

export interface StartPlan {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly origins: Readonly<Partial<Record<Protocol, string>>>
}

export interface Running {
  readonly name: string
  readonly protocols: readonly Protocol[]
  readonly pid: number
  readonly child: ChildProcess
  readonly origins: StartPlan['origins']
  /** milliseconds from spawn until the first request was answered */
  readonly startMs: number
}

const START_DEADLINE_MS = 20_000

/** Starts a contestant with files of its own and waits for its first answer. Rejects when none comes in 20 s. */
export async function startContestant(contestant: Contestant, lab: Lab): Promise<Running> {
  const dir = await mkdtemp(join(lab.dir, 'run-'))
  const { command, args, env, origins } = await contestant.plan(lab, dir)
  const origin = origins.h1
  if (origin === undefined) throw new Error(`${contestant.name} has no HTTP/1.1 address`)
  const began = performance.now()
  const child = await lab.children.serve(command, args, join(dir, 'output.log'), env ?? {})
  try {
    await untilServed(origin, lab, START_DEADLINE_MS, () => child.exitCode !== null || child.signalCode !== null)
  } catch (error) {
    await lab.children.end(child)
    throw new Error(`${contestant.name} did not start: ${(error as Error).message}${await lastOutput(dir)}`)
  }
  const startMs = performance.now() - began
  return { name: contestant.name, protocols: contestant.protocols, pid: child.pid ?? 0, child, origins, startMs }
}

/** A phrase when none of the PATH's directories has the program. */
export async function missingProgram(program: string, debianPackage: string): Promise<string | null> {
  for (const dir of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']) {
    const found = await access(join(dir, program), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return null
  }
  return `${program} is not installed (Debian: apt-get install ${debianPackage})`
}

async function lastOutput(dir: string): Promise<string> {
  const lines = (await readFile(join(dir, 'output.log'), 'utf8')).trim().split('\n')
  return lines[0] === '' ? '' : `; it printed: ${lines.slice(-3).join(' | ')}`
}
