import { useMemo, useState } from 'react'
import { FixedRows } from '../../components/fixed-rows.js'
import { Empty, Skeleton } from '../../components/states.js'
import { strings } from '../../strings.js'
import { OutputBar } from './output-bar.js'
import { rowsOf, type StreamFilter } from './output-buffer.js'
import { OutputLineRow } from './output-row.js'
import { useOutput } from './use-output.js'
import { useSearch } from './use-search.js'

const text = strings.output
const ROW_PX = 20

/** What an app's process prints, live. @param children stands above it: the state of the process and what to do */
export function OutputView({ app, children }: { app: string; children?: React.ReactNode }) {
  const { buffer, version, loaded, fault } = useOutput(app)
  const [filter, setFilter] = useState<StreamFilter>('all')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the buffer is the same with more in it at each version
  const rows = useMemo(() => rowsOf(buffer, filter), [buffer, version, filter])
  const search = useSearch(rows, version)
  return (
    <section className="output" aria-label={text.label(app)}>
      {children}
      <OutputBar rows={rows} search={search} filter={filter} onFilter={setFilter} />
      {fault !== null && <p className="bad output-fault">{fault.message}</p>}
      {!loaded && fault === null && <Skeleton />}
      {loaded && rows.length === 0 && filter === 'all' && <Empty title={text.none} text={text.noneText} />}
      {loaded && rows.length === 0 && filter !== 'all' && <Empty title={text.noneOfStream} />}
      {rows.length > 0 && (
        <div className="output-lines">
          <FixedRows
            key={filter}
            count={rows.length}
            dropped={buffer.dropped(filter)}
            rowHeight={ROW_PX}
            label={text.lines(app)}
            head={<Head />}
            newest="last"
            selected={search.selected}
            renderRow={(index, inOrder) => <OutputLineRow row={rows[index]!} query={search.query} inOrder={inOrder} />}
          />
        </div>
      )}
    </section>
  )
}

/** For those who hear the table. */
function Head() {
  return (
    <thead className="hidden-text">
      <tr>
        <th scope="col">{text.text}</th>
      </tr>
    </thead>
  )
}
