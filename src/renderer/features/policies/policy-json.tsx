import type { Problem } from '../../../shared/contract.js'
import { strings } from '../../strings.js'
import type { Vault } from './hidden-values.js'

const text = strings.policies

/** The raw view of a policy, with every problem by its path. */
export function PolicyJson({ json, vault, problems, onChange }: PolicyJsonProps) {
  return (
    <div className="field">
      <label htmlFor="policy-json">{text.jsonLabel}</label>
      <textarea
        id="policy-json"
        className="textarea"
        rows={16}
        spellCheck={false}
        value={json}
        aria-invalid={problems.length > 0}
        aria-describedby="policy-json-problems"
        onChange={(event) => onChange(event.target.value)}
      />
      {vault.size > 0 && <div className="help">{text.hiddenHelp}</div>}
      <ul id="policy-json-problems" aria-live="polite">
        {problems.map(({ path, message }) => (
          <li key={path + message} className="problem">
            {path !== '' && <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
    </div>
  )
}

interface PolicyJsonProps {
  json: string
  vault: Vault
  problems: Problem[]
  onChange(json: string): void
}
