/** What came of a program; `exitCode` is null when it could not be started or was ended. */
export interface ProgramResult {
  exitCode: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  stdin?: string
  /** milliseconds, 30 s unless told */
  timeoutMs?: number
}

/** Runs a program, with its arguments as they are, to its end. Never rejects. */
export type RunProgram = (program: string, args: readonly string[], options?: RunOptions) => Promise<ProgramResult>

const TIMEOUT_MS = 30_000

export const runProgram: RunProgram = async (program, args, { stdin = '', timeoutMs = TIMEOUT_MS } = {}) => {
  const { execa } = await import('execa')
  const result = await execa(program, args, {
    input: stdin,
    timeout: timeoutMs,
    windowsHide: true,
    reject: false,
    stripFinalNewline: false,
    // What programs say is looked through, so it must not be in the person's language.
    env: { LC_ALL: 'C', LANGUAGE: '' },
  })
  const { exitCode = null, stdout = '', stderr = '' } = result
  const trouble = exitCode === null && result instanceof Error ? (result.shortMessage ?? '') : ''
  return { exitCode, stdout, stderr: stderr === '' ? trouble : stderr }
}

/** What a failed program said, on one line, for a person. */
export function saidBy({ exitCode, stdout, stderr }: ProgramResult): string {
  const said = (stderr.trim() === '' ? stdout : stderr).trim().replace(/\s+/g, ' ').slice(-500)
  if (said !== '') return said
  return exitCode === null ? 'it could not be started' : `it ended with code ${exitCode}`
}
