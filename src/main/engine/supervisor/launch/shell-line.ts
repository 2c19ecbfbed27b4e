export interface Word {
  /** without its quotes */
  text: string
  /** behind its last character in the line */
  end: number
}

/** The command at the end of a command line, which is the one that goes on running. */
export interface LastCommand {
  words: Word[]
  /** the words of the commands before it, as in `cd web && npm run dev` */
  before: string[][]
  /** nothing comes after its last word but spaces: what is appended to the line belongs to it */
  atEnd: boolean
}

/** Where a word ends, besides white space. */
const OPERATORS = /[&|;<>()`\n]/
const KEYWORDS = new Set([
  'if',
  'for',
  'while',
  'until',
  'case',
  'select',
  'function',
  '{',
  '}',
  '[[',
  '!',
  'then',
  'do',
])

/**
 * Reads a command line as far as it is a chain of plain commands (`&&`, `;`, redirections, quotes).
 *
 * @param windows true for cmd.exe, where only `"` quotes and `^` escapes
 * @returns null for all else, such as pipes, background jobs, substitutions and loops: nothing is to be added there
 */
export function lastCommand(line: string, windows: boolean): LastCommand | null {
  const commands = readCommands(line, windows)
  if (commands === null) return null
  while (commands.length > 1 && commands.at(-1)!.length === 0) commands.pop()
  const words = commands.at(-1)!
  if (words.length === 0 || commands.some(([first]) => first !== undefined && KEYWORDS.has(first.text))) return null
  return {
    words,
    before: commands.slice(0, -1).map((command) => command.map(({ text }) => text)),
    atEnd: !/[;&#\n]/.test(line.slice(words.at(-1)!.end).trimEnd()),
  }
}

function readCommands(line: string, windows: boolean): Word[][] | null {
  const commands: Word[][] = [[]]
  let at = 0
  let target = false // the next word is where a redirection leads
  while (at < line.length) {
    const char = line[at]!
    if (char === ' ' || char === '\t' || char === '\r') at++
    else if (char === '#' && !windows) at = endOfLine(line, at)
    else if (char === '\n' || char === ';') {
      commands.push([])
      at++
    } else if (line.startsWith('&&', at)) {
      commands.push([])
      at += 2
    } else if (char === '<' || char === '>' || line.startsWith('&>', at)) {
      const redirection = /^(?:&>>?|>>|>&|<&|>|<(?!<))/.exec(line.slice(at))?.[0]
      if (redirection === undefined) return null // a here-document
      dropDescriptor(commands.at(-1)!, line, at)
      at += redirection.length
      target = true
    } else if (OPERATORS.test(char)) return null
    else {
      const word = readWord(line, at, windows)
      if (word === null) return null
      if (!target) commands.at(-1)!.push(word)
      target = false
      at = word.end
    }
  }
  return commands
}

/** The 2 of `2>&1` is no word. */
function dropDescriptor(words: Word[], line: string, at: number): void {
  const last = words.at(-1)
  if (last !== undefined && last.end === at && /^\d$/.test(last.text) && /(^|\s)\d$/.test(line.slice(0, at)))
    words.pop()
}

function endOfLine(line: string, at: number): number {
  const end = line.indexOf('\n', at)
  return end === -1 ? line.length : end
}

function readWord(line: string, start: number, windows: boolean): Word | null {
  const escaping = windows ? '^' : '\\'
  let text = ''
  let at = start
  while (at < line.length && !/\s/.test(line[at]!)) {
    const char = line[at]!
    if (char === '"' || (char === "'" && !windows)) {
      const quoted = readQuoted(line, at, windows)
      if (quoted === null) return null
      text += quoted.text
      at = quoted.end
    } else if (char === escaping) {
      text += line[at + 1] ?? ''
      at += 2
    } else if (line.startsWith('$(', at)) return null
    else if (OPERATORS.test(char)) break
    else {
      text += char
      at++
    }
  }
  return { text, end: Math.min(at, line.length) }
}

function readQuoted(line: string, start: number, windows: boolean): Word | null {
  const quote = line[start]!
  let text = ''
  for (let at = start + 1; at < line.length; at++) {
    const char = line[at]!
    if (char === quote) return { text, end: at + 1 }
    const double = quote === '"' && !windows
    if (double && (char === '`' || line.startsWith('$(', at))) return null
    if (double && char === '\\' && /["\\$`]/.test(line[at + 1] ?? '')) text += line[++at]
    else text += char
  }
  return null // the quote is never closed
}
