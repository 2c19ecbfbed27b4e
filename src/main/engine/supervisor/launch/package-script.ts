import path from 'node:path'
import { z } from 'zod'

/** A script of a package.json that a command runs. */
export interface ScriptCall {
  script: string
  /** folder of the package.json */
  cwd: string
  /** what the call gives to the script already */
  passed: readonly string[]
  /** the package manager reads options itself unless `--` comes before them */
  needsDashes: boolean
}

const RUN_WORDS = ['run', 'run-script', 'rum', 'urn']
/** Scripts that have a command of their own. */
const SHORT_FORMS = ['start', 'test', 'stop', 'restart']
/** Options of the package managers that say which folder. */
const FOLDER_OPTION = /^(?:--prefix|--dir|--cwd|-C)(?:=(.*))?$/
/** Options that choose packages of a workspace: which package.json it is cannot be told. */
const WORKSPACE_OPTION =
  /^(?:-w|--workspace|--workspaces|-ws|-r|--recursive|--filter|-F|--include-workspace-root)(?:=.*)?$/
const packageJsonSchema = z.object({ scripts: z.record(z.string(), z.string()).catch({}) })

/**
 * Reads `npm run dev`, `pnpm dev`, `yarn dev`, `bun run dev` and `node --run dev`.
 *
 * @param words the command, its program without folder and ending
 * @returns null for another command; 'unclear' for one that runs a script nobody can tell
 */
export function scriptCall(words: readonly string[], cwd: string): ScriptCall | 'unclear' | null {
  const [manager, ...args] = words
  if (manager === 'node' && args[0] === '--run') return called(args.slice(2), args[1], cwd, true)
  if (manager === undefined || !['npm', 'pnpm', 'yarn', 'bun'].includes(manager)) return null
  let folder = cwd
  const rest = [...args]
  while (rest[0]?.startsWith('-') === true) {
    const option = rest.shift()!
    if (WORKSPACE_OPTION.test(option)) return 'unclear'
    const match = FOLDER_OPTION.exec(option)
    if (match !== null) folder = path.resolve(folder, match[1] ?? rest.shift() ?? '')
  }
  const command = rest.shift()
  if (command === undefined) return null
  if (RUN_WORDS.includes(command)) return runCall(manager, rest, folder)
  if (manager !== 'npm' || SHORT_FORMS.includes(command)) return called(rest, command, folder, manager === 'npm')
  return null
}

function runCall(manager: string, words: readonly string[], cwd: string): ScriptCall | 'unclear' | null {
  const at = words.findIndex((word) => !word.startsWith('-'))
  const options = at === -1 ? words : words.slice(0, at)
  if (options.some((word) => WORKSPACE_OPTION.test(word) || FOLDER_OPTION.test(word))) return 'unclear'
  return called(words.slice(at + 1), words[at], cwd, manager === 'npm')
}

function called(
  words: readonly string[],
  script: string | undefined,
  cwd: string,
  dashed: boolean,
): ScriptCall | 'unclear' | null {
  if (script === undefined) return null
  // Some of them hand on `--` itself, behind which nothing is an option.
  if (!dashed) return words.includes('--') ? 'unclear' : { script, cwd, passed: words, needsDashes: false }
  const dashes = words.indexOf('--')
  const own = dashes === -1 ? words : words.slice(0, dashes)
  if (own.some((word) => WORKSPACE_OPTION.test(word) || FOLDER_OPTION.test(word))) return 'unclear'
  // Words without a dash reach the script in any case, and come before what follows `--`.
  const passed = [...own.filter((word) => !word.startsWith('-')), ...(dashes === -1 ? [] : words.slice(dashes + 1))]
  return { script, cwd, passed, needsDashes: dashes === -1 }
}

/** The command line of a script. @param text of the package.json; null when there is none */
export function scriptLine(text: string | null, script: string): string | null {
  try {
    return packageJsonSchema.parse(JSON.parse(text ?? '')).scripts[script] ?? null
  } catch {
    return null // somebody may be writing it this moment; the package manager will say what is wrong
  }
}
