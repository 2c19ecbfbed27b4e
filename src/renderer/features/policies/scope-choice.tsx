import { useRef, useState } from 'react'
import type { App } from '../../../shared/config.js'
import { strings } from '../../strings.js'
import { Field } from '../apps/app-field.js'
import { type Scope, sameScope, scopeAt, scopesOf } from './policy-scopes.js'

const text = strings.policies
const OTHER = 'other'
const APP = 'app'

/** Where policies are looked at and set: the whole app, one of its routes, or a path that is to become one. */
export function ScopeChoice({ app, scope, onChange }: ScopeChoiceProps) {
  const select = useRef<HTMLSelectElement>(null)
  const [asking, setAsking] = useState(false)
  const routes = scopesOf(app)
  const isNew = scope !== null && !routes.some((route) => sameScope(route, scope))
  const shown = isNew ? [...routes, scope] : routes
  const choose = (choice: string) => {
    setAsking(choice === OTHER)
    if (choice !== OTHER) onChange(choice === APP ? null : (shown[Number(choice)] ?? null))
  }
  const chosen = scope === null ? APP : String(shown.findIndex((route) => sameScope(route, scope)))
  return (
    <div className="scope-choice">
      <Field label={text.scope} problems={[]}>
        {(props) => (
          <select
            {...props}
            ref={select}
            className="select"
            value={asking ? OTHER : chosen}
            onChange={({ target }) => choose(target.value)}
          >
            <option value={APP}>{text.wholeApp}</option>
            {shown.map(({ path, methods }, index) => (
              <option key={`${path} ${methods.join()}`} value={index}>
                {text.route(path, methods.join(', '))}
              </option>
            ))}
            {app.demo !== true && <option value={OTHER}>{text.addPath}</option>}
          </select>
        )}
      </Field>
      {asking && (
        <NewPath
          app={app}
          onChange={(next) => {
            // The field that has the focus goes.
            select.current?.focus()
            setAsking(false)
            onChange(next)
          }}
        />
      )}
    </div>
  )
}

interface ScopeChoiceProps {
  app: App
  scope: Scope
  onChange(scope: Scope): void
}

/** A path that has no route of its own yet. */
function NewPath({ app, onChange }: Pick<ScopeChoiceProps, 'app' | 'onChange'>) {
  const [path, setPath] = useState('')
  const [below, setBelow] = useState(true)
  const [problem, setProblem] = useState<string | null>(null)
  const use = (event: React.FormEvent) => {
    event.preventDefault()
    const found = scopeAt(app, path, below)
    if (typeof found === 'string') setProblem(found === 'malformed' ? text.pathForm : text.noWay(path))
    else onChange(found)
  }
  return (
    <form className="new-path" onSubmit={use} noValidate>
      <Field label={text.newPath} help={text.newPathHelp} problems={problem === null ? [] : [problem]}>
        {(props) => (
          <input
            {...props}
            // biome-ignore lint/a11y/noAutofocus: it appears because somebody has just asked for it
            autoFocus
            className="input mono"
            autoComplete="off"
            spellCheck={false}
            placeholder="/api"
            value={path}
            onChange={(event) => {
              setPath(event.target.value)
              setProblem(null)
            }}
          />
        )}
      </Field>
      <label className="mark">
        <input type="checkbox" checked={below} onChange={(event) => setBelow(event.target.checked)} />
        {text.below}
      </label>
      <div>
        <button type="submit" className="button small">
          {text.usePath}
        </button>
      </div>
    </form>
  )
}
