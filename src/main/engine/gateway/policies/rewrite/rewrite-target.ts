import type { RewriteSettings } from '../../../../../shared/policies/content-schemas.js'

/** A path rule of the config, compiled. */
interface PathRule {
  pattern: RegExp
  to: string
}

/** @param hasQuery whether there may be one: the target of a gRPC call is the name of a method and nothing else */
export type TargetRewriter = (target: string, hasQuery?: boolean) => string

/** Makes the function that rewrites request targets as the config says. */
export function targetRewriter({ path = [], query }: Pick<RewriteSettings, 'path' | 'query'>): TargetRewriter {
  const rules = path.map(({ match, to }): PathRule => ({ pattern: new RegExp(match), to }))
  const removed = new Set([...(query?.remove ?? []), ...Object.keys(query?.set ?? {})])
  const added = Object.entries(query?.set ?? {}).map(([key, value]) => `${encoded(key)}=${encoded(value)}`)
  return (target, hasQuery = true) => {
    const at = target.indexOf('?')
    const oldPath = at === -1 ? target : target.slice(0, at)
    const pairs = at === -1 ? [] : target.slice(at + 1).split('&')
    const [newPath = '/', ...more] = rewritePath(oldPath, rules).split('?')
    const kept = pairs.filter((pair) => !removed.has(keyOf(pair)))
    const parts = [...(more.length === 0 ? [] : [more.join('?')]), ...kept, ...(hasQuery ? added : [])].filter(
      (part) => part !== '',
    )
    if (parts.length > 0) return `${newPath}?${parts.join('&')}`
    // An empty query stays one where nothing was to be changed about it.
    return at !== -1 && pairs.join('') === '' ? `${newPath}?` : newPath
  }
}

/** The first rule that matches; what it makes is a path of its own and sent as ASCII (RFC 3986 section 3.3). */
function rewritePath(path: string, rules: readonly PathRule[]): string {
  const rule = rules.find(({ pattern }) => pattern.test(path))
  if (rule === undefined) return path
  const made = path.replace(rule.pattern, rule.to).replace(/[^\x21-\x7e]|#/g, encodeURIComponent)
  return made.startsWith('/') ? made : `/${made}`
}

/** Pairs that stay keep their bytes; only their keys are read. */
function keyOf(pair: string): string {
  const key = pair.split('=', 1)[0] as string
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}

function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+')
}
