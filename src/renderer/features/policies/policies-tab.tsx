import { useState } from 'react'
import type { App } from '../../../shared/config.js'
import type { PolicyKey } from '../../../shared/policies-schema.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { PolicyEditor } from './policy-editor.js'
import { POLICY_GROUPS } from './policy-groups.js'
import { PolicyRow } from './policy-row.js'
import { type Scope, scopesOf, standingOf } from './policy-scopes.js'
import { savePolicy } from './save-policy.js'
import { ScopeChoice } from './scope-choice.js'

const text = strings.policies

/** What may be done to the requests of an app or of one of its routes, and what of it is done. */
export function PoliciesTab({ app }: { app: App }) {
  const [scope, setScope] = useState<Scope>(null)
  const [editing, setEditing] = useState<PolicyKey | null>(null)
  const known = scope === null || scopesOf(app).some(({ path }) => path === scope.path)
  const turnOff = (policy: PolicyKey) => {
    const { shared } = standingOf(app, scope, policy)
    void attempt(() => savePolicy(app, scope, policy, shared === undefined || shared === false ? undefined : false))
  }
  return (
    <>
      <ScopeChoice app={app} scope={scope} onChange={setScope} />
      {!known && <p className="soft">{text.pathIsNew(scope.path)}</p>}
      {POLICY_GROUPS.map(([group, policies]) => (
        <section key={group}>
          <h3>{text.groups[group]}</h3>
          <ul className="policy-list">
            {policies.map((policy) => (
              <PolicyRow
                key={policy}
                app={app}
                scope={scope}
                policy={policy}
                onEdit={() => setEditing(policy)}
                onTurnOff={() => turnOff(policy)}
              />
            ))}
          </ul>
        </section>
      ))}
      {editing !== null && <PolicyEditor app={app} scope={scope} policy={editing} onClose={() => setEditing(null)} />}
    </>
  )
}
