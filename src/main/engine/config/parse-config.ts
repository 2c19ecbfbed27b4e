import { type Config, type ConfigFile, configSchema } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'
import { checkAgainst, formatPath } from '../../../shared/problems.js'
import { type JsonNode, parseJsonTree, type RepeatedKey } from './json-tree.js'

export type ParsedConfig = { ok: true; config: Config; document: ConfigFile } | { ok: false; problems: Problem[] }

/** Characters, and bytes on disk. A config of ten thousand apps has about 2 MB. */
export const MAX_CONFIG_SIZE = 16 * 1024 * 1024

/** So many problems at once help nobody; the rest is counted. */
const MAX_PROBLEMS = 50

/**
 * Reads the text of a config file. Never throws: whatever is wrong comes back as problems, all of them at once, each
 * with its path (`apps[2].routes[0].path`) or, where the text is not JSON, its line and column.
 * @returns the validated config with defaults filled in, and the document as it was written
 */
export function parseConfig(text: string): ParsedConfig {
  if (text.length > MAX_CONFIG_SIZE) return refused([{ path: '', message: 'is larger than 16 MB' }])
  const tree = parseJsonTree(withoutMark(text))
  if (!tree.ok) {
    return refused([{ path: '', message: `line ${tree.line}, column ${tree.column}: ${tree.message}` }])
  }
  if (tree.root.kind !== 'object') return refused([{ path: '', message: 'the file must hold one object: { … }' }])
  const checked = checkAgainst(configSchema, tree.root.value)
  const problems = [
    ...tree.repeated.map(repetition),
    ...prototypeKeys(tree.root),
    ...(checked.ok ? [] : checked.problems),
  ]
  if (!checked.ok || problems.length > 0) return refused(problems)
  return { ok: true, config: checked.value, document: tree.root.value as ConfigFile }
}

/** Windows editors begin UTF-8 files with a byte order mark (U+FEFF), which JSON does not know. */
export function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

function repetition({ path, line }: RepeatedKey): Problem {
  return { path: formatPath(path), message: `is given twice, again on line ${line}: keep one of them` }
}

function refused(problems: Problem[]): ParsedConfig {
  const unique = [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()]
  if (unique.length <= MAX_PROBLEMS) return { ok: false, problems: unique }
  const rest = { path: '', message: `and ${unique.length - MAX_PROBLEMS} more problems` }
  return { ok: false, problems: [...unique.slice(0, MAX_PROBLEMS), rest] }
}

/** zod passes over `__proto__` in records; a header or variable of that name would be dropped without a word. */
function prototypeKeys(node: JsonNode, path: (string | number)[] = []): Problem[] {
  if (node.kind === 'array') return node.items.flatMap((item, index) => prototypeKeys(item, [...path, index]))
  if (node.kind !== 'object') return []
  const own = node.members.has('__proto__')
    ? [{ path: formatPath([...path, '__proto__']), message: 'is a name that can not be used: remove it' }]
    : []
  return [...own, ...[...node.members].flatMap(([key, member]) => prototypeKeys(member, [...path, key]))]
}
