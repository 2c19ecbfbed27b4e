import type { App } from '../../../shared/config.js'
import type { PolicyKey } from '../../../shared/policies-schema.js'
import { call } from '../../bridge.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { type Scope, standingOf, withPolicy } from './policy-scopes.js'

/**
 * Sets a policy; the toast can set it back. Rejects with the engine's Fault.
 *
 * @param settings as in the config; `false` turns the app's off for a route, undefined takes away what is set there
 */
export async function savePolicy(app: App, scope: Scope, policy: PolicyKey, settings: unknown): Promise<void> {
  const changed = withPolicy(app, scope, policy, settings)
  await call('app.update', { name: app.name, app: changed })
  const back = () => attempt(async () => void (await call('app.update', { name: app.name, app })))
  const isOn = standingOf(changed, scope, policy).settings !== null
  useToasts.getState().show({
    message: strings.policies.saved(strings.policies.names[policy], isOn, scope?.path ?? app.name),
    tone: 'plain',
    action: { label: strings.actions.undo, run: () => void back() },
  })
}
