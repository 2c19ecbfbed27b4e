import type { DevServer } from './dev-server.js'
import { DEV_SERVERS } from './frameworks.js'

/** What a server is to be told, beyond the environment that every process gets. */
export interface Telling {
  port: number
  /** the app's public address */
  url: string
  /** names outside `.localhost` that requests come for, as `shop.test` or `.shop.test` */
  foreignHosts: readonly string[]
}

export interface PortWords {
  server: DevServer
  words: string[]
  env: Record<string, string>
  /** the port that the command names itself */
  ownPort: number | null
  notes: string[]
}

/** Words that a shell, and a package manager's shell behind it, take as they are. */
const SAFE = /^[\w./:=@+,-]+$/
/** How far a command's first words go: `manage.py --settings x runserver`. */
const FIRST_WORDS = 3

/**
 * The words that tell a server its port.
 *
 * @param name program, as `plainName` gives it
 * @param args what it is given
 * @returns null when it is none of the servers that are known
 */
export function portWords(name: string, args: readonly string[], telling: Telling): PortWords | null {
  const server = DEV_SERVERS.find((candidate) => candidate.programs.includes(name) && serves(candidate, args))
  if (server === undefined) return null
  const [portRule, ...otherRules] = server.add
  const said = portRule === undefined ? null : whatIsSaid(args, portRule.slice(1))
  const rules = said === null && portRule !== undefined ? [portRule, ...otherRules] : otherRules
  const words = rules.flatMap(([text, ...unless]) => (whatIsSaid(args, unless) === null ? text.split(' ') : []))
  const filled = [...words.map((word) => fillIn(word, telling)), ...hostWords(server, args, telling.foreignHosts)]
  const safe = filled.every((word) => SAFE.test(word))
  return {
    server,
    words: safe ? filled : [],
    env: Object.fromEntries(Object.entries(server.env ?? {}).map(([key, value]) => [key, fillIn(value, telling)])),
    ownPort: said === null ? null : portIn(said),
    notes: notesOf(server, telling),
  }
}

function serves({ serves: words, except, needs }: DevServer, args: readonly string[]): boolean {
  if (args.some((word) => word === '--help' || word === '--version')) return false
  const first = args.filter((word) => !word.startsWith('-')).slice(0, FIRST_WORDS)
  if (words !== undefined && !first.some((word) => words.includes(word))) return false
  if (except?.includes(first[0] ?? '') === true) return false
  return needs === undefined || args.some((word) => needs.includes(word))
}

/** @returns the value that was given with one of the options, perhaps empty; null when none of them is there */
function whatIsSaid(args: readonly string[], forms: readonly (string | RegExp)[]): string | null {
  for (const form of forms) {
    for (const [index, word] of args.entries()) {
      if (form instanceof RegExp) {
        if (form.test(word)) return word
      } else if (word === form) return args[index + 1] ?? ''
      else if (word.startsWith(`${form}=`)) return word.slice(form.length + 1)
      else if (/^-\w$/.test(form) && word.startsWith(form) && /^\d+$/.test(word.slice(2))) return word.slice(2)
    }
  }
  return null
}

/** 3000 of `3000`, `tcp://0.0.0.0:3000` and `:3000`; nothing of `$PORT`, or of 0, which is any. */
function portIn(value: string): number | null {
  const port = Number(/^(?:.*:)?(\d+)$/.exec(value)?.[1] ?? 0)
  return port >= 1 && port <= 65_535 ? port : null
}

function fillIn(word: string, { port, url }: Telling): string {
  return word.replace('{port}', String(port)).replace('{url}', url)
}

function hostWords({ hosts }: DevServer, args: readonly string[], foreignHosts: readonly string[]): string[] {
  if (hosts === undefined || whatIsSaid(args, hosts.slice(1)) !== null) return []
  return foreignHosts.map((host) => hosts[0].replace('{host}', host))
}

function notesOf({ name, hostsSetting }: DevServer, { foreignHosts }: Telling): string[] {
  if (hostsSetting === undefined || foreignHosts.length === 0) return []
  return [`${name} refuses requests for ${foreignHosts.join(', ')} unless ${hostsSetting} names it`]
}
