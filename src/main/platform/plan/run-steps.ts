import { randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readFile, readlink, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import type { CommandStep, Step, StepOutcome } from '../../../shared/plan.js'
import { type RunProgram, saidBy } from './run-program.js'

/** Steps that were done, and how to take them back. */
export interface StepsRun {
  /** one for each step */
  outcomes: StepOutcome[]
  failed: boolean
  /** Takes back what was done, latest first, and says which could not be. */
  undo(): Promise<void>
}

const MEMORY_OF_FILES = 16 * 1024 * 1024
const COMMAND_MS = 120_000

/**
 * Does steps one after the other with the rights of this process. When one fails, those before it are taken back and
 * those after it are never begun. Never rejects.
 */
export async function runSteps(steps: readonly Step[], run: RunProgram): Promise<StepsRun> {
  const outcomes: StepOutcome[] = steps.map(() => ({ state: 'skipped', message: '' }))
  const undos: { index: number; undo: () => Promise<void> }[] = []
  const undo = async () => {
    const refresh = steps.filter((step, index) => isRefresh(step) && outcomes[index]?.state !== 'skipped')
    for (const { index, undo } of undos.splice(0).reverse()) outcomes[index] = await takenBack(undo)
    for (const step of refresh) if (step.kind === 'command') await runCommand(step, run).catch(() => undefined)
  }
  for (const [index, step] of steps.entries()) {
    try {
      undos.push({ index, undo: await runStep(step, run) })
      outcomes[index] = { state: 'done', message: '' }
    } catch (error) {
      outcomes[index] = { state: 'failed', message: error instanceof Error ? error.message : String(error) }
      await undo()
      return { outcomes, failed: true, undo }
    }
  }
  return { outcomes, failed: false, undo }
}

async function takenBack(undo: () => Promise<void>): Promise<StepOutcome> {
  try {
    await undo()
    return { state: 'undone', message: '' }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { state: 'done', message: `It could not be taken back: ${reason}` }
  }
}

/** Does one step, and returns what takes it back. */
async function runStep(step: Step, run: RunProgram): Promise<() => Promise<void>> {
  switch (step.kind) {
    case 'note':
      return async () => undefined
    case 'command':
      return runCommand(step, run)
    case 'write-file':
      return writeWhole(step.path, step.content, step.mode)
    case 'remove-file':
      return removeFile(step.path)
    case 'make-directory':
      return makeDirectory(step.path, step.mode)
  }
}

async function runCommand({ program, args, stdin, undo }: CommandStep, run: RunProgram): Promise<() => Promise<void>> {
  const invoke = async (file: string, words: readonly string[], input?: string) => {
    const result = await run(file, words, { timeoutMs: COMMAND_MS, ...(input === undefined ? {} : { stdin: input }) })
    if (result.exitCode !== 0) throw new Fault('not-supported', `${path.basename(file)}: ${saidBy(result)}`)
  }
  await invoke(program, args, stdin)
  return async () => {
    if (undo !== undefined) await invoke(undo.program, undo.args)
  }
}

async function writeWhole(file: string, content: string, mode: number): Promise<() => Promise<void>> {
  const before = await remember(file)
  const undoFolder = await makeDirectory(path.dirname(file), 0o755)
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeFile(temporary, content, { mode, flag: 'wx' })
    await chmod(temporary, mode) // the umask may have taken bits away
    await replace(temporary, file, content)
  } catch (error) {
    await rm(temporary, { force: true })
    await undoFolder()
    throw error
  }
  return async () => {
    await before()
    await undoFolder()
  }
}

/** A file that something is mounted on, as /etc/hosts in a container, can be written to but not replaced. */
async function replace(temporary: string, file: string, content: string): Promise<void> {
  try {
    await rename(temporary, file)
  } catch (error) {
    if (!['EBUSY', 'EXDEV'].includes(codeOf(error))) throw error
    await writeFile(file, content)
    await rm(temporary, { force: true })
  }
}

async function removeFile(file: string): Promise<() => Promise<void>> {
  const before = await remember(file)
  await rm(file, { force: true })
  return before
}

/** Makes the folder and those above it; taken back, the folder itself goes if it was made and is empty. */
async function makeDirectory(folder: string, mode: number): Promise<() => Promise<void>> {
  const made = await mkdir(folder, { recursive: true, mode })
  if (made === undefined) return async () => undefined
  return async () => {
    await rmdir(folder).catch(() => undefined) // somebody else has put something there meanwhile
  }
}

/** What puts a path back to what it is now. */
async function remember(file: string): Promise<() => Promise<void>> {
  let known: Awaited<ReturnType<typeof lstat>>
  try {
    known = await lstat(file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    return () => rm(file, { force: true })
  }
  if (known.isSymbolicLink()) {
    const target = await readlink(file)
    return async () => {
      await rm(file, { force: true })
      await symlink(target, file)
    }
  }
  if (!known.isFile()) throw new Fault('conflict', `${file} is not a file.`)
  if (known.size > MEMORY_OF_FILES) throw new Fault('not-supported', `${file} is too large to be changed safely.`)
  const content = await readFile(file)
  return async () => {
    await writeFile(file, content, { mode: known.mode & 0o777 })
    await chmod(file, known.mode & 0o777)
  }
}

function isRefresh(step: Step): boolean {
  return step.kind === 'command' && step.refresh === true
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
