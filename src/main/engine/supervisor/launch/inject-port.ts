import path from 'node:path'
import { type Program, plainName, programOf } from './command-words.js'
import { DEV_SERVERS, RUN_SEVERAL } from './frameworks.js'
import { scriptCall, scriptLine } from './package-script.js'
import { type PortWords, portWords, type Telling } from './port-words.js'
import { lastCommand } from './shell-line.js'

export interface InjectContext extends Telling {
  cwd: string
  /** the command line is one of cmd.exe */
  windows: boolean
  /** @returns null when the file is not there */
  readText(file: string): Promise<string | null>
}

export interface Injection {
  command: string | readonly string[]
  /** added to the environment */
  env: Record<string, string>
  /** the framework that was recognised */
  framework: string | null
  /** the port that the command names itself, and will listen on whatever it is told */
  ownPort: number | null
  /** what a person may want to know, in sentences */
  notes: string[]
}

/** What a plain command is found to be, and what is to be added behind its last word. */
interface Found extends PortWords {
  /** those words as they must be given to the outermost command, such as `-- --port 4100` */
  appended: string[]
}

/** Why nothing is added; null when there is nothing to say about it. */
interface Nothing {
  note: string | null
}

const MOST_SCRIPTS = 5
const NO_PROGRAM: Program = { name: '', args: [], needsDashes: false }

/**
 * Adds the words by which known servers take their port. A command that is not understood stays as it is.
 *
 * @param command a line for the shell, or the program and its arguments
 */
export async function injectPort(command: string | readonly string[], context: InjectContext): Promise<Injection> {
  const found =
    typeof command === 'string'
      ? await findInLine(command, [], context, MOST_SCRIPTS, false)
      : await findInWords(command, context, MOST_SCRIPTS)
  if ('note' in found) {
    return { command, env: {}, framework: null, ownPort: null, notes: found.note === null ? [] : [found.note] }
  }
  const { server, env, ownPort, notes, appended } = found
  return { command: append(command, appended, context.windows), env, framework: server.name, ownPort, notes }
}

/**
 * @param passed words that come behind the line
 * @param isScript the words are put behind the whole line, by a package manager
 */
async function findInLine(
  line: string,
  passed: readonly string[],
  context: InjectContext,
  depth: number,
  isScript: boolean,
): Promise<Found | Nothing> {
  const last = lastCommand(line, context.windows)
  if (last === null || (isScript && !last.atEnd)) return unclear(line)
  const cwd = folderAfter(last.before, context.cwd)
  if (cwd === null) return unclear(line)
  return findInWords([...last.words.map(({ text }) => text), ...passed], { ...context, cwd }, depth)
}

async function findInWords(words: readonly string[], context: InjectContext, depth: number): Promise<Found | Nothing> {
  const program = programOf(words)
  const plain =
    program === null ? words.map(plainName).slice(0, 1).concat(words.slice(1)) : [program.name, ...program.args]
  const script = await findInScript(plain, context, depth)
  if (script !== null) return script
  const { name, args, needsDashes } = packageProgram(plain) ?? program ?? NO_PROGRAM
  if (RUN_SEVERAL.has(name)) return { note: `${name} runs several commands: they get the port as PORT and by no flag` }
  const found = portWords(name, args, context)
  if (found === null) return { note: null }
  // What comes behind `--` is not an option any more.
  if (args.includes('--') && found.words.length > 0) return unclear(words.join(' '))
  return { ...found, appended: behindDashes(found.words, needsDashes) }
}

async function findInScript(
  words: readonly string[],
  context: InjectContext,
  depth: number,
): Promise<Found | Nothing | null> {
  const call = scriptCall(words, context.cwd)
  if (call === null) return null
  if (call === 'unclear') return unclear(words.join(' '))
  const line = scriptLine(await context.readText(path.join(call.cwd, 'package.json')), call.script)
  if (line === null) return null
  if (depth === 0) return unclear(line)
  const found = await findInLine(line, call.passed, { ...context, cwd: call.cwd }, depth - 1, true)
  return 'note' in found ? found : { ...found, appended: behindDashes(found.appended, call.needsDashes) }
}

/** `pnpm vite` and `yarn vite` run a package's program when no script has that name. */
function packageProgram([manager, ...args]: readonly string[]): Program | null {
  if (manager === 'pnpm') return programOf(args)
  return manager === 'yarn' || manager === 'bun' ? programOf(args[0] === 'run' ? args.slice(1) : args) : null
}

function behindDashes(words: string[], needsDashes: boolean): string[] {
  return words.length > 0 && needsDashes ? ['--', ...words] : words
}

/** Where the command runs after `cd web &&`; null when that cannot be told. */
function folderAfter(before: readonly (readonly string[])[], cwd: string): string | null {
  let folder = cwd
  for (const [program, ...args] of before) {
    if (program !== 'cd' && program !== 'pushd') continue
    const to = args.filter((word) => word !== '/d' && word !== '--')
    if (to.length !== 1 || /[$~%*]|^-/.test(to[0]!)) return null
    folder = path.resolve(folder, to[0]!)
  }
  return folder
}

function append(
  command: string | readonly string[],
  words: readonly string[],
  windows: boolean,
): string | readonly string[] {
  if (words.length === 0) return command
  if (typeof command !== 'string') return [...command, ...words]
  const { end } = lastCommand(command, windows)!.words.at(-1)!
  return `${command.slice(0, end)} ${words.join(' ')}${command.slice(end)}`
}

/** Worth a word where a server is named that would have got its port. */
function unclear(line: string): Nothing {
  const names = new Set(line.split(/[\s"'&|;()]+/).map(plainName))
  const server = DEV_SERVERS.find(({ programs }) => programs.some((program) => names.has(program)))
  if (server === undefined) return { note: null }
  return { note: `${server.name} gets its port as PORT and by no flag, because it cannot be told where in: ${line}` }
}
