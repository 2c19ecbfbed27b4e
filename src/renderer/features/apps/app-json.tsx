import type { Problem } from '../../../shared/contract.js'
import { strings } from '../../strings.js'

/** The raw view of an app, with every problem by its path. */
export function AppJson({ json, problems, onChange }: AppJsonProps) {
  return (
    <div className="field">
      <label htmlFor="app-json">{strings.form.jsonLabel}</label>
      <textarea
        id="app-json"
        className="textarea"
        rows={16}
        spellCheck={false}
        value={json}
        aria-invalid={problems.length > 0}
        aria-describedby="app-json-problems"
        onChange={(event) => onChange(event.target.value)}
      />
      <ul id="app-json-problems" aria-live="polite">
        {problems.map(({ path, message }) => (
          <li key={path + message} className="problem">
            {path !== '' && <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
    </div>
  )
}

interface AppJsonProps {
  json: string
  problems: Problem[]
  onChange(json: string): void
}
