import type { App } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'
import type { PolicyKey } from '../../../shared/policies-schema.js'
import { checkAgainst, formatPath } from '../../../shared/problems.js'
import { strings } from '../../strings.js'
import { parseJson } from '../apps/app-draft.js'
import { policySchema } from './form-spec.js'
import { asChecked, hideSecrets, strayNames, type Vault } from './hidden-values.js'
import { startOf } from './policy-groups.js'
import { type Scope, standingOf } from './policy-scopes.js'

/** What is being edited. The form and the JSON are two views of `value`; only JSON that cannot be read is apart from it. */
export interface PolicyDraft {
  /** the settings, with names in the place of secrets */
  value: unknown
  vault: Vault
  /** the text of the JSON view; null while the form is shown */
  json: string | null
}

/** What the editor begins with: what holds there; for a policy that is off what its app has, or something sensible. */
export function draftAt(app: App, scope: Scope, policy: PolicyKey): PolicyDraft {
  const { settings, shared } = standingOf(app, scope, policy)
  return { ...hideSecrets(policy, settings ?? (shared || startOf(policy))), json: null }
}

/** Shows the value as JSON. */
export function toJson(draft: PolicyDraft): PolicyDraft {
  return { ...draft, json: JSON.stringify(draft.value, null, 2) }
}

/** Shows the value as a form; the JSON stays as long as it is no object. */
export function toForm(draft: PolicyDraft): PolicyDraft {
  const reads = draft.json === null || 'value' in parseJson(draft.json)
  return reads && typeof draft.value === 'object' && draft.value !== null ? { ...draft, json: null } : draft
}

/** Takes what is typed in the JSON view; the value follows whenever it can be read. */
export function withJson(draft: PolicyDraft, json: string): PolicyDraft {
  const parsed = parseJson(json)
  return 'value' in parsed ? { ...draft, json, value: parsed.value } : { ...draft, json }
}

/** What is wrong, in the words that the engine has for it. */
export function problemsOf(policy: PolicyKey, { value, vault, json }: PolicyDraft): Problem[] {
  const parsed = json === null ? null : parseJson(json)
  if (parsed !== null && 'reason' in parsed) return [{ path: '', message: strings.form.notJson(parsed.reason) }]
  const stray = strayNames(value, vault, strings.policies.strayName)
  const checked = checkAgainst(policySchema(policy), asChecked(value, vault))
  return checked.ok ? stray : [...checked.problems, ...stray]
}

/** Problems of the settings as a whole that speak of one of their keys, at that key; it is where somebody looks for them. */
export function atFields(problems: readonly Problem[], keys: readonly string[]): Problem[] {
  return problems.map((problem) => {
    if (problem.path !== '' || problem.message.startsWith('unknown key')) return problem
    const key = keys.find((one) => problem.message.includes(`"${one}"`))
    return key === undefined ? problem : { ...problem, path: key }
  })
}

/** Whether a problem is that of a value, or of something inside of it. */
export function isAt({ path }: Problem, at: readonly PropertyKey[]): boolean {
  const place = formatPath(at)
  return path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`)
}
