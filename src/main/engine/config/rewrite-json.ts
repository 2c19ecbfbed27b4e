import { isDeepStrictEqual } from 'node:util'
import { type JsonNode, parseJsonTree } from './json-tree.js'
import { withoutMark } from './parse-config.js'

/**
 * Writes `next` in the place of the JSON value that `text` holds, and leaves whatever did not change as it was
 * written: key order, one-line apps, number spelling, indentation, line ends, byte order mark.
 * @param text the file as it is; when it is not JSON, `next` is written plainly
 * @param next plain JSON data
 */
export function rewriteJson(text: string, next: unknown): string {
  const body = withoutMark(text)
  const tree = parseJsonTree(body)
  if (!tree.ok) return `${JSON.stringify(next, null, 2)}\n`
  const style = styleOf(body)
  const mark = body.length === text.length ? '' : '\ufeff'
  const { root } = tree
  const rewritten = `${body.slice(0, root.start)}${write(next, root, 0, { ...style, text: body })}${body.slice(root.end)}`
  return isDeepStrictEqual(JSON.parse(rewritten), next)
    ? mark + rewritten
    : `${mark}${JSON.stringify(next, null, style.indent)}${style.newline}`
}

interface Style {
  indent: string
  newline: string
}

interface Page extends Style {
  text: string
}

function styleOf(text: string): Style {
  return {
    indent: /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ',
    newline: text.includes('\r\n') ? '\r\n' : '\n',
  }
}

function write(value: unknown, old: JsonNode | undefined, depth: number, page: Page): string {
  if (old !== undefined && isDeepStrictEqual(old.value, value)) return page.text.slice(old.start, old.end)
  if (Array.isArray(value)) return writeArray(value, old?.kind === 'array' ? old : undefined, depth, page)
  if (typeof value === 'object' && value !== null) {
    return writeObject(value as Record<string, unknown>, old?.kind === 'object' ? old : undefined, depth, page)
  }
  return JSON.stringify(value)
}

type ArrayNode = JsonNode & { kind: 'array' }
type ObjectNode = JsonNode & { kind: 'object' }

function writeArray(items: unknown[], old: ArrayNode | undefined, depth: number, page: Page): string {
  const matched = matchItems(items, old?.items ?? [])
  const inlineItems = old !== undefined && old.items.length > 0 && old.items.every((item) => isInline(item, page))
  const entries = items.map((item, index) =>
    matched[index] === undefined && inlineItems ? oneLine(item) : write(item, matched[index], depth + 1, page),
  )
  return enclose('[', entries, ']', old, depth, page)
}

function writeObject(value: Record<string, unknown>, old: ObjectNode | undefined, depth: number, page: Page): string {
  const entries = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}: ${write(member, old?.members.get(key), depth + 1, page)}`,
  )
  return enclose('{', entries, '}', old, depth, page)
}

function enclose(
  open: string,
  entries: string[],
  close: string,
  old: ArrayNode | ObjectNode | undefined,
  depth: number,
  page: Page,
): string {
  if (entries.length === 0) return open + close
  const wasFilled = old !== undefined && (old.kind === 'array' ? old.items.length : old.members.size) > 0
  if (wasFilled && isInline(old, page) && !entries.some((entry) => /[\r\n]/.test(entry))) {
    return spaced(open, entries.join(', '))
  }
  const inner = page.newline + page.indent.repeat(depth + 1)
  return open + inner + entries.join(`,${inner}`) + page.newline + page.indent.repeat(depth) + close
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${oneLine(member)}`)
  return members.length === 0 ? '{}' : spaced('{', members.join(', '))
}

function spaced(open: string, inner: string): string {
  return open === '{' ? `{ ${inner} }` : `[${inner}]`
}

/** What a new item was before: an equal one, else the one that stood in its place, unless that has moved. */
function matchItems(items: unknown[], old: JsonNode[]): (JsonNode | undefined)[] {
  const free = new Map<string, JsonNode[]>()
  for (const node of old) {
    const key = JSON.stringify(node.value)
    const same = free.get(key)
    if (same === undefined) free.set(key, [node])
    else same.push(node)
  }
  const equal = items.map((item) => free.get(JSON.stringify(item))?.shift())
  const taken = new Set(equal)
  return equal.map((node, index) => {
    const inPlace = old[index]
    return node ?? (inPlace === undefined || taken.has(inPlace) ? undefined : inPlace)
  })
}

function isInline(node: JsonNode, page: Page): boolean {
  return !/[\r\n]/.test(page.text.slice(node.start, node.end))
}
