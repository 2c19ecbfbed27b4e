import { Columns3 } from 'lucide-react'
import { useId, useRef } from 'react'
import { type TableName, useTableView } from '../../stores/table-views.js'
import { strings } from '../../strings.js'

/** The choice of columns, in a popover: the browser closes it on Escape and on a press beside it. */
export function ColumnMenu({ table, columns }: { table: TableName; columns: readonly HideableColumn[] }) {
  const [view, change] = useTableView(table)
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  return (
    <>
      <button
        ref={button}
        type="button"
        className="icon-button"
        popoverTarget={id}
        aria-label={strings.table.columns}
        title={strings.table.columns}
      >
        <Columns3 className="icon" />
      </button>
      <fieldset
        id={id}
        popover="auto"
        className="popover"
        aria-label={strings.table.columns}
        onBeforeToggle={(event) => place(event.currentTarget, button.current)}
      >
        {columns.map(({ key, title, fixed }) => (
          <label key={key} className="choice">
            <input
              type="checkbox"
              checked={!view.hidden.includes(key)}
              disabled={fixed}
              onChange={({ target }) =>
                change({ hidden: target.checked ? view.hidden.filter((one) => one !== key) : [...view.hidden, key] })
              }
            />
            {title}
          </label>
        ))}
      </fieldset>
    </>
  )
}

/** The columns that a view shows. */
export function visibleColumns<C extends HideableColumn>(columns: readonly C[], hidden: readonly string[]): C[] {
  return columns.filter(({ key, fixed }) => fixed || !hidden.includes(key))
}

function place(popover: HTMLElement, button: HTMLElement | null): void {
  const box = button?.getBoundingClientRect()
  if (box === undefined) return
  popover.style.top = `${box.bottom + 4}px`
  popover.style.right = `${Math.max(8, window.innerWidth - box.right)}px`
}

interface HideableColumn {
  key: string
  title: string
  fixed?: boolean
}
