import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '..')

const BIN = path.join(ROOT, 'node_modules', '.bin')
const WINDOWS = process.platform === 'win32'

/** Environment in which the project's own tools are found first, `node` among them. */
export function projectEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  return { ...process.env, [key]: `${BIN}${path.delimiter}${process.env[key] ?? ''}`, ...extra }
}

/** Runs one of the project's tools (`tsc`, `electron-vite`) to its end; the exit code is 1 when it could not run. */
export async function runTool(tool: string, args: string[], extra: NodeJS.ProcessEnv = {}): Promise<number> {
  // The tools are .cmd files on Windows, which only a shell can start; the arguments are this project's own.
  return exitCode(start(tool, args, { env: projectEnv(extra), shell: WINDOWS }))
}

/** Runs a program of the project on this very Node; the caller waits for it or ends it. */
export function startNode(args: string[], options: SpawnOptions = {}): ChildProcess {
  return start(process.execPath, args, { env: projectEnv(), ...options })
}

/** Runs another program in the project's folder; the caller waits for it or ends it. */
export function startProgram(executable: string, args: string[]): ChildProcess {
  return start(executable, args, { env: projectEnv() })
}

/** The exit code of a child; 1 when a signal ended it or it could not be started. */
export function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

function start(command: string, args: string[], options: SpawnOptions): ChildProcess {
  return spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
}
