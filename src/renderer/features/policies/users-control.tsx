import { Plus, X } from 'lucide-react'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { type ControlProps, useFormTools, useProblems, useTyped } from './form-tools.js'
import { doubledName, type Row, rowsTyping } from './typed-values.js'

const text = strings.policies.users
const TYPING = rowsTyping(true, false)

/** User names and passwords. Of a password that the config has there is only a hash, and that is not shown. */
export function UsersControl({ at, value, onChange }: ControlProps) {
  const [kept, setRows] = useTyped(TYPING, value, onChange)
  const rows = kept.length === 0 ? [EMPTY] : kept
  const { vault, hide } = useFormTools()
  const problems = useUserProblems(at, rows)
  const change = (number: number, part: Partial<Row>) =>
    setRows(rows.map((row, index) => (index === number - 1 ? { ...row, ...part } : row)))
  return (
    <fieldset className="field rows" aria-label={text.label}>
      <span className="label">{text.label}</span>
      {numbered(rows).map(({ item, number }) => (
        <div key={number} className="env-row users">
          <input
            className="input"
            aria-label={text.name(number)}
            placeholder={text.nameShort}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={problems.length > 0}
            value={item.name}
            onChange={(event) => change(number, { name: event.target.value })}
          />
          <input
            className="input"
            type="password"
            aria-label={text.password(number)}
            placeholder={item.value !== '' && vault.get(item.value)?.isNew !== true ? text.kept : text.passwordShort}
            autoComplete="new-password"
            value={vault.get(item.value)?.isNew === true ? vault.get(item.value)?.text : ''}
            onChange={({ target }) => change(number, { value: hide(target.value, true, item.value) })}
          />
          <button
            type="button"
            className="icon-button"
            aria-label={text.remove(item.name === '' ? String(number) : item.name)}
            onClick={() => setRows(rows.filter((_, index) => index !== number - 1))}
          >
            <X className="icon" />
          </button>
        </div>
      ))}
      <div>
        <button type="button" className="button small" onClick={() => setRows([...rows, EMPTY])}>
          <Plus className="icon" />
          {text.add}
        </button>
      </div>
      <div aria-live="polite" className={problems.length > 0 ? 'problem' : 'help'}>
        {problems.length > 0 ? problems.join('; ') : text.help}
      </div>
    </fieldset>
  )
}

const EMPTY: Row = { name: '', value: '' }

/** The schema speaks of hashes; whoever fills in the form has not seen one. */
function useUserProblems(at: ControlProps['at'], rows: readonly Row[]): string[] {
  const told = useProblems(at)
  const { vault } = useFormTools()
  if (told.length === 0) return []
  const doubled = doubledName(rows)
  const given = rows.filter(({ name, value }) => name !== '' || value !== '')
  const bare = given.find(({ value }) => value === '' || vault.get(value)?.text === '')
  if (given.some(({ name }) => name.trim() === '') || given.length === 0) return [text.noName]
  if (bare !== undefined) return [text.noPassword(bare.name)]
  return doubled === null ? told : [...told, strings.policies.twice(doubled)]
}
