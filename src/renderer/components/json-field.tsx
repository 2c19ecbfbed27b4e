import type { Problem } from '../../shared/contract.js'

/** JSON as it is typed, with every problem by its path. @param id of the text area */
export function JsonField({ id, label, json, problems, help, onChange }: JsonFieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="textarea"
        rows={16}
        spellCheck={false}
        value={json}
        aria-invalid={problems.length > 0}
        aria-describedby={`${id}-problems`}
        onChange={(event) => onChange(event.target.value)}
      />
      {help !== undefined && <div className="help">{help}</div>}
      <ul id={`${id}-problems`} aria-live="polite">
        {problems.map(({ path, message }) => (
          <li key={path + message} className="problem">
            {path !== '' && <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
    </div>
  )
}

interface JsonFieldProps {
  id: string
  label: string
  json: string
  problems: Problem[]
  help?: string | undefined
  onChange(json: string): void
}
