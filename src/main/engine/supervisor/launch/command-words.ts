/** The program that a command comes down to, behind wrappers such as `npx`, `bundle exec` and `python -m`. */
export interface Program {
  /** without folder, version and ending: `vite`, `manage.py`, `http.server` */
  name: string
  args: readonly string[]
  /** `--` must stand before words that are to reach the program */
  needsDashes: boolean
}

/** What runs another program: how many words come before that one. Null: it cannot be told. */
type Wrapper = (args: readonly string[]) => number | null

const ASSIGNMENT = /^[A-Za-z_]\w*=/
/** What runs a project's packages; the program follows the word, behind options that take no value. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  npx: [''],
  pnpx: [''],
  bunx: [''],
  npm: ['exec', 'x'],
  pnpm: ['exec', 'dlx'],
  yarn: ['exec', 'dlx'],
  bun: ['x'],
}
/** `NAME WORD program`, without options between. */
const RUN_WORDS: Readonly<Record<string, string>> = {
  bundle: 'exec',
  poetry: 'run',
  pipenv: 'run',
  pdm: 'run',
  uv: 'run',
  hatch: 'run',
  rye: 'run',
  asdf: 'exec',
}
/** They take options of their own, up to `--`. */
const DASHED: ReadonlySet<string> = new Set([
  'dotenv',
  'dotenvx',
  'doppler',
  'op',
  'infisical',
  'mise',
  'chamber',
  'varlock',
])
const PLAIN: ReadonlySet<string> = new Set(['exec', 'nohup', 'command', 'time', 'caffeinate'])
/** Programs that run a script: the options that take the next word as their value. */
const INTERPRETERS: readonly [program: RegExp, valueOptions: readonly string[]][] = [
  [/^(node|nodejs|tsx|ts-node)$/, ['-r', '--require', '--import', '--loader', '--env-file', '-C', '--conditions']],
  [/^(python[\d.]*|py|pypy3?)$/, ['-W', '-X']],
  [/^ruby[\d.]*$/, ['-I', '-r']],
  [/^php[\d.]*$/, ['-d', '-c']],
]
/** Their script is the server's own code, or nothing that a flag could be given to. */
const DEAD_ENDS = /^(-e|--eval|-p|--print|-c|-S|--run|--test)$/
const MOST_LAYERS = 6

/**
 * @param words a plain command, perhaps with assignments in front
 * @returns null when what it comes down to cannot be told
 */
export function programOf(words: readonly string[]): Program | null {
  let rest = words
  let needsDashes = false
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    rest = rest.slice(countWhile(rest, (word) => ASSIGNMENT.test(word)))
    const [first, ...args] = rest
    if (first === undefined) return null
    const name = plainName(first)
    const skipped = wrapperOf(name, args)?.(args)
    if (skipped === null) return null
    if (skipped === undefined) return { name, args, needsDashes }
    // `npm exec` reads options itself, also those that come last, unless `--` ends them.
    needsDashes ||= name === 'npm' && !args.includes('--')
    rest = args.slice(skipped)
  }
  return null
}

/** `./node_modules/.bin/vite.cmd` and `npm:vite@latest` are `vite`; `@angular/cli@19` is `@angular/cli`. */
export function plainName(word: string): string {
  const scoped = /^(?:npm:)?(@[\w.-]+\/[\w.-]+)(?:@.*)?$/.exec(word)?.[1]
  if (scoped !== undefined) return scoped
  const file = word.replace(/^npm:/, '').replace(/^.*[\\/]/, '')
  return file.replace(/(?<=.)@.*$/, '').replace(/\.(m?js|cjs|ts|exe|cmd|bat|ps1)$/i, '')
}

function wrapperOf(name: string, args: readonly string[]): Wrapper | null {
  if (RUNNERS[name]?.includes(args[0] ?? '') === true) return skipRunner(1)
  if (RUNNERS[name]?.includes('') === true) return skipRunner(0)
  if (RUN_WORDS[name] !== undefined && args[0] === RUN_WORDS[name])
    return ([, next]) => (next?.startsWith('-') ? null : 1)
  if (DASHED.has(name)) return (words) => (words.includes('--') ? words.indexOf('--') + 1 : null)
  if (name === 'cross-env' || name === 'env') return ([next]) => (next === undefined || next.startsWith('-') ? null : 0)
  if (PLAIN.has(name)) return ([next]) => (next === undefined || next.startsWith('-') ? null : 0)
  const interpreter = INTERPRETERS.find(([program]) => program.test(name))
  return interpreter === undefined ? null : skipInterpreter(interpreter[1])
}

function skipRunner(from: number): Wrapper {
  return (args) => {
    const options = countWhile(args.slice(from), (word) => word.startsWith('-'))
    // What they take as a value, or a command line that they run, cannot be told from the program.
    const unclear = args
      .slice(from, from + options)
      .some((word) => /^(-p|-c|-w|--package|--call|--workspace|-C)$/.test(word))
    return unclear ? null : from + options
  }
}

/** @returns the script's place; for `python -m flask` that of the module */
function skipInterpreter(valueOptions: readonly string[]): Wrapper {
  return (args) => {
    for (let at = 0; at < args.length; at++) {
      const word = args[at]!
      if (word === '-m') return at + 1
      if (DEAD_ENDS.test(word)) return null
      if (valueOptions.includes(word)) at++
      else if (!word.startsWith('-')) return at
    }
    return null
  }
}

function countWhile(words: readonly string[], fits: (word: string) => boolean): number {
  const end = words.findIndex((word) => !fits(word))
  return end === -1 ? words.length : end
}
