import { ArrowUp, Plus, X } from 'lucide-react'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { beginningOf } from './form-looks.js'
import type { FormField } from './form-spec.js'
import { helpOf, labelOf } from './form-tools.js'

const text = strings.policies

/** The entries of a list, each with what moves it up and takes it out, and what adds another. */
export function ItemList({ field, items, problems, onChange, render }: ItemListProps) {
  const label = labelOf(field)
  return (
    <fieldset className="field rows" aria-label={label}>
      <span className="label">{label}</span>
      {numbered(items).map(({ item, number }) => (
        <div key={number} className="item">
          <div className="item-fields">{render(item, number - 1)}</div>
          <button
            type="button"
            className="icon-button"
            disabled={number === 1}
            aria-label={text.itemUp(number)}
            onClick={() => onChange(items.toSpliced(number - 1, 1).toSpliced(number - 2, 0, item))}
          >
            <ArrowUp className="icon" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={text.itemRemove(number)}
            onClick={() => onChange(items.toSpliced(number - 1, 1))}
          >
            <X className="icon" />
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          className="button small"
          aria-label={text.rowAddTo(label)}
          onClick={() => onChange([...items, beginningOf(`${field.path}[]`)])}
        >
          <Plus className="icon" />
          {text.rowAdd}
        </button>
      </div>
      <div aria-live="polite" className={problems.length > 0 ? 'problem' : 'help'}>
        {problems.length > 0 ? problems.join('; ') : helpOf(field)}
      </div>
    </fieldset>
  )
}

interface ItemListProps {
  field: FormField
  items: readonly unknown[]
  problems: readonly string[]
  onChange(items: unknown[]): void
  render(item: unknown, index: number): React.ReactNode
}
