import { Plus, X } from 'lucide-react'
import { useMemo } from 'react'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { type ControlProps, helpOf, labelOf, useProblems, useTyped } from './form-tools.js'
import { doubledName, type Row, rowsTyping } from './typed-values.js'

const text = strings.policies

/** Text by name, a row each. */
export function MapControl({ field, at, value, onChange }: ControlProps) {
  const loose = field.spec.kind === 'map' && field.spec.loose
  const typing = useMemo(() => rowsTyping(field.required, loose), [field.required, loose])
  const [rows, setRows] = useTyped(typing, value, onChange)
  const label = labelOf(field)
  const doubled = doubledName(rows)
  const problems = [...useProblems(at), ...(doubled === null ? [] : [text.twice(doubled)])]
  const help = loose ? `${helpOf(field)} ${text.looseValue}` : helpOf(field)
  return (
    <fieldset className="field rows" aria-label={label}>
      <span className="label">{label}</span>
      <MapRows label={label} rows={rows} onChange={setRows} />
      <div>
        <button
          type="button"
          className="button small"
          aria-label={text.rowAddTo(label)}
          onClick={() => setRows([...rows, { name: '', value: '' }])}
        >
          <Plus className="icon" />
          {text.rowAdd}
        </button>
      </div>
      <div aria-live="polite" className={problems.length > 0 ? 'problem' : 'help'}>
        {problems.length > 0 ? problems.join('; ') : help}
      </div>
    </fieldset>
  )
}

function MapRows({ label, rows, onChange }: { label: string; rows: Row[]; onChange(rows: Row[]): void }) {
  const change = (number: number, part: Partial<Row>) =>
    onChange(rows.map((row, at) => (at === number - 1 ? { ...row, ...part } : row)))
  return numbered(rows).map(({ item, number }) => (
    <div key={number} className="env-row">
      <input
        className="input mono"
        aria-label={text.rowName(label, number)}
        spellCheck={false}
        value={item.name}
        onChange={(event) => change(number, { name: event.target.value })}
      />
      <input
        className="input mono"
        aria-label={text.rowValue(label, number)}
        spellCheck={false}
        value={item.value}
        onChange={(event) => change(number, { value: event.target.value })}
      />
      <button
        type="button"
        className="icon-button"
        aria-label={text.rowRemove(label, item.name === '' ? String(number) : item.name)}
        onClick={() => onChange(rows.filter((_, at) => at !== number - 1))}
      >
        <X className="icon" />
      </button>
    </div>
  ))
}
