import { useMemo } from 'react'
import type { History } from '../../../shared/history-schemas.js'
import { strings } from '../../strings.js'
import { hourRows } from './hour-rows.js'

const text = strings.charts.hour

/** The last hour in figures, newest first, with its sums above. */
export function HourTable({ history }: { history: History }) {
  const { titles, rows, totals } = useMemo(() => hourRows(history), [history])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="hour-figures" aria-label={text.table} tabIndex={0}>
      <table className="table hour-table" aria-label={text.table}>
        <thead>
          <tr>
            {titles.map((title, at) => (
              <th key={title} scope="col" className={at === 0 ? undefined : 'number'}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr className="totals">
            <Cells cells={totals} />
          </tr>
          {rows.map(({ time, cells }) => (
            <tr key={time}>
              <Cells cells={cells} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** The first is the name of the row. */
function Cells({ cells: [name, ...cells] }: { cells: readonly string[] }) {
  return (
    <>
      <th scope="row">{name}</th>
      {cells.map((cell, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: cells have nothing but their column
        <td key={at} className="number">
          {cell}
        </td>
      ))}
    </>
  )
}
