import type { App } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'
import type { Policies, PolicyKey } from '../../../shared/policies-schema.js'
import { formatPath } from '../../../shared/problems.js'

/** A secret of a policy, which the form and its JSON show under a name such as "(hidden 1)". */
export interface Hidden {
  text: string
  /** a password, whose hash takes its place before it is saved */
  isPassword: boolean
  /** typed just now, not from the config */
  isNew: boolean
}

/** Secrets by the names that stand for them. */
export type Vault = ReadonlyMap<string, Hidden>

const NAME = /^\(hidden \d+\)$/
/** Field whose value lets somebody in. */
const TELLING_FIELD = /^(authorization|proxy-authorization|cookie|set-cookie|.*(api-key|token|secret|password).*)$/i
/** What a password that is not hashed yet is checked as. */
const ANY_HASH = `$scrypt$ln=15,r=8,p=3$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** The settings of a policy with names in the place of their secrets. */
export function hideSecrets(policy: PolicyKey, settings: unknown): { value: unknown; vault: Vault } {
  const vault = new Map<string, Hidden>()
  const value = mapTexts(settings, [], (text, path) => {
    if (!isSecret(policy, path, text)) return text
    const name = nextName(vault)
    vault.set(name, { text, isPassword: false, isNew: false })
    return name
  })
  return { value, vault }
}

/**
 * Hides what somebody types. @param former the name that stands there; it goes on when it was of this typing
 * @returns the name that stands for it
 */
export function hide(vault: Vault, text: string, isPassword: boolean, former: unknown): { vault: Vault; name: string } {
  const goesOn = typeof former === 'string' && vault.get(former)?.isNew === true
  const name = goesOn ? former : nextName(vault)
  return { vault: new Map(vault).set(name, { text, isPassword, isNew: true }), name }
}

/** The settings as they would be saved, but for passwords: something of the form of a hash stands for each. */
export function asChecked(value: unknown, vault: Vault): unknown {
  return mapTexts(value, [], (text) => {
    const hidden = vault.get(text)
    if (hidden === undefined) return text
    return hidden.isPassword && hidden.text !== '' ? ANY_HASH : hidden.text
  })
}

/** The settings as they are saved. @param hash makes the hash of a password */
export async function asSaved(
  value: unknown,
  vault: Vault,
  hash: (password: string) => Promise<string>,
): Promise<unknown> {
  const saved = new Map<string, string>()
  const used = JSON.stringify(value) ?? ''
  for (const [name, { text, isPassword }] of vault) {
    if (used.includes(JSON.stringify(name))) saved.set(name, isPassword ? await hash(text) : text)
  }
  return mapTexts(value, [], (text) => saved.get(text) ?? text)
}

/** Names that stand for nothing: they were copied from somewhere else. */
export function strayNames(value: unknown, vault: Vault, message: (name: string) => string): Problem[] {
  const problems: Problem[] = []
  mapTexts(value, [], (text, path) => {
    if (NAME.test(text) && !vault.has(text)) problems.push({ path: formatPath(path), message: message(text) })
    return text
  })
  return problems
}

/** An app with the secrets of its policies crossed out, for places that only show it. */
export function withoutSecrets(app: App): App {
  const { routes } = app
  const plain = withPlainPolicies(app)
  return routes === undefined ? plain : { ...plain, routes: routes.map(withPlainPolicies) }
}

function withPlainPolicies<T extends { policies?: Policies | undefined }>(part: T): T {
  if (part.policies === undefined) return part
  const policies = Object.entries(part.policies).map(([policy, settings]) => [
    policy,
    mapTexts(settings, [], (text, path) => (isSecret(policy as PolicyKey, path, text) ? '(hidden)' : text)),
  ])
  return { ...part, policies: Object.fromEntries(policies) }
}

function isSecret(policy: PolicyKey, path: readonly (string | number)[], text: string): boolean {
  if (policy === 'basicAuth') return path[0] === 'users'
  if (policy === 'oidc' && path[0] === 'clientSecret') return true
  if ((policy === 'rewrite' || policy === 'respond') && TELLING_FIELD.test(String(path.at(-1)))) return true
  return (URL.parse(text)?.password ?? '') !== ''
}

function nextName(vault: Vault): string {
  return `(hidden ${vault.size + 1})`
}

function mapTexts(
  value: unknown,
  path: readonly (string | number)[],
  change: (text: string, path: readonly (string | number)[]) => string,
): unknown {
  if (typeof value === 'string') return change(value, path)
  if (Array.isArray(value)) return value.map((item, index) => mapTexts(item, [...path, index], change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, [...path, key], change)]))
}
