/**
 * A strict JSON reader (RFC 8259) that keeps what JSON.parse throws away: where each value stands in the text, so that
 * a syntax error has a line and column and a rewrite can leave untouched values as they were written; and keys that
 * are given twice, of which JSON.parse silently drops the first.
 */

export type JsonNode = { start: number; end: number; value: unknown } & (
  | { kind: 'scalar' }
  | { kind: 'array'; items: JsonNode[] }
  | { kind: 'object'; members: Map<string, JsonNode> }
)

export interface RepeatedKey {
  path: (string | number)[]
  line: number
}

export type JsonTree =
  | { ok: true; root: JsonNode; repeated: RepeatedKey[] }
  | { ok: false; message: string; line: number; column: number }

/** No config nests deeper than about ten; the cap keeps a hostile file from exhausting the stack. */
export const MAX_DEPTH = 100

/** Each needs its line counted, so a file made of nothing else must not buy more. */
const MAX_REPEATED = 50

/** Reads a whole text as one JSON value; never throws. Lines and columns count from 1, columns in UTF-16 units. */
export function parseJsonTree(text: string): JsonTree {
  const reader = new JsonReader(text)
  try {
    return { ok: true, root: reader.document(), repeated: reader.repeated }
  } catch (error) {
    if (!(error instanceof SyntaxFlaw)) throw error
    return { ok: false, message: error.message, ...position(text, error.offset) }
  }
}

class SyntaxFlaw extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message)
  }
}

class JsonReader {
  readonly repeated: RepeatedKey[] = []
  readonly #text: string
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): JsonNode {
    this.#skipSpace()
    if (this.#at === this.#text.length) throw new SyntaxFlaw('the file is empty', this.#at)
    const root = this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#unexpected('the end of the file')
    return root
  }

  #value(): JsonNode {
    if (this.#path.length >= MAX_DEPTH) throw new SyntaxFlaw(`nested deeper than ${MAX_DEPTH} levels`, this.#at)
    const first = this.#text[this.#at]
    if (first === '{') return this.#object()
    if (first === '[') return this.#array()
    const start = this.#at
    const value = first === '"' ? this.#string() : this.#word()
    return { kind: 'scalar', start, end: this.#at, value }
  }

  #object(): JsonNode {
    const start = this.#at++
    const members = new Map<string, JsonNode>()
    this.#list('}', start, () => {
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in double quotes')
      const keyStart = this.#at
      const key = this.#string()
      this.#path.push(key)
      if (members.has(key) && this.repeated.length < MAX_REPEATED) {
        this.repeated.push({ path: [...this.#path], line: position(this.#text, keyStart).line })
      }
      this.#skipSpace()
      if (this.#text[this.#at] !== ':') throw this.#unexpected('":" after the key')
      this.#at++
      this.#skipSpace()
      members.set(key, this.#value())
      this.#path.pop()
    })
    const value = Object.fromEntries([...members].map(([key, member]) => [key, member.value]))
    return { kind: 'object', start, end: this.#at, value, members }
  }

  #array(): JsonNode {
    const start = this.#at++
    const items: JsonNode[] = []
    this.#list(']', start, () => {
      this.#path.push(items.length)
      items.push(this.#value())
      this.#path.pop()
    })
    return { kind: 'array', start, end: this.#at, value: items.map((item) => item.value), items }
  }

  /** Entries parted by commas, up to and including the closing bracket. */
  #list(close: string, start: number, entry: () => void): void {
    const open = this.#text[start]
    const checkEnd = () => {
      this.#skipSpace()
      if (this.#at < this.#text.length) return
      const { line } = position(this.#text, start)
      throw new SyntaxFlaw(`the "${open}" of line ${line} is never closed by "${close}"`, this.#at)
    }
    checkEnd()
    while (this.#text[this.#at] !== close) {
      entry()
      checkEnd()
      if (this.#text[this.#at] === close) break
      if (this.#text[this.#at] !== ',') throw this.#unexpected(`"," or "${close}"`)
      const comma = this.#at++
      checkEnd()
      if (this.#text[this.#at] === close) throw new SyntaxFlaw(`remove the "," before "${close}"`, comma)
    }
    this.#at++
  }

  #string(): string {
    const start = this.#at++
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x22 /* " */) break
      if (Number.isNaN(code)) throw new SyntaxFlaw('the text that begins here is never closed by a quote', start)
      if (code === 0x0a || code === 0x0d) throw new SyntaxFlaw('the text that begins here has no closing quote', start)
      if (code < 0x20) throw new SyntaxFlaw('a control character must be written as an escape such as "\\t"', this.#at)
      this.#at += code === 0x5c /* \ */ ? this.#escapeLength() : 1
    }
    this.#at++
    return JSON.parse(this.#text.slice(start, this.#at)) as string
  }

  #escapeLength(): number {
    const letter = this.#text[this.#at + 1] ?? ''
    if (letter !== '' && '"\\/bfnrt'.includes(letter)) return 2
    if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(this.#text.slice(this.#at + 2, this.#at + 6))) return 6
    throw new SyntaxFlaw('unknown escape: a backslash is written "\\\\"', this.#at)
  }

  #word(): unknown {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match === null) throw this.#unexpected('a value')
    this.#at = pattern.lastIndex
    return JSON.parse(match[0])
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && ' \t\n\r'.includes(this.#text[this.#at]!)) this.#at++
  }

  #unexpected(wanted: string): SyntaxFlaw {
    const rest = this.#text.slice(this.#at, this.#at + 40)
    if (rest === '') return new SyntaxFlaw(`expected ${wanted}, but the file ends here`, this.#at)
    if (/^(\/[/*]|#)/.test(rest)) return new SyntaxFlaw('JSON has no comments: remove this one', this.#at)
    if (wanted.startsWith('","') && /^["{[\w-]/.test(rest))
      return new SyntaxFlaw('a "," is missing before this', this.#at)
    if (rest.startsWith("'")) return new SyntaxFlaw('text stands in double quotes, not single ones', this.#at)
    const found = /^[\w$.+-]+/.exec(rest)?.[0] ?? String.fromCodePoint(rest.codePointAt(0)!)
    return new SyntaxFlaw(`expected ${wanted}, not ${JSON.stringify(found)}`, this.#at)
  }
}

function position(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = Math.max(before.lastIndexOf('\n'), before.replaceAll('\r\n', '\n\n').lastIndexOf('\r')) + 1
  return { line: before.split(/\r\n|\n|\r/).length, column: offset - lineStart + 1 }
}
