import { Plus, X } from 'lucide-react'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { doubledName, type EnvDraft } from './process-draft.js'

const text = strings.processForm

/** The variables of a process, a row each. */
export function EnvFields({ env, problems, onChange }: EnvFieldsProps) {
  const doubled = doubledName(env)
  const told = doubled === null ? problems : [...problems, text.envTwice(doubled)]
  const change = (number: number, part: Partial<EnvDraft>) =>
    onChange(env.map((row, at) => (at === number - 1 ? { ...row, ...part } : row)))
  return (
    <div className="field">
      <span className="label">{text.env}</span>
      {numbered(env).map(({ item, number }) => (
        <div key={number} className="env-row">
          <input
            className="input mono"
            aria-label={text.envName(number)}
            placeholder="NODE_ENV"
            spellCheck={false}
            value={item.name}
            onChange={(event) => change(number, { name: event.target.value })}
          />
          <input
            className="input mono"
            aria-label={text.envValue(number)}
            spellCheck={false}
            value={item.value}
            onChange={(event) => change(number, { value: event.target.value })}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={text.envRemove(item.name === '' ? String(number) : item.name)}
            onClick={() => onChange(env.filter((_, at) => at !== number - 1))}
          >
            <X className="icon" />
          </button>
        </div>
      ))}
      <div>
        <button type="button" className="button small" onClick={() => onChange([...env, { name: '', value: '' }])}>
          <Plus className="icon" />
          {text.envAdd}
        </button>
      </div>
      {told.length > 0 && (
        <div className="problem" role="status">
          {[...new Set(told)].join('; ')}
        </div>
      )}
    </div>
  )
}

interface EnvFieldsProps {
  env: EnvDraft[]
  problems: string[]
  onChange(env: EnvDraft[]): void
}
