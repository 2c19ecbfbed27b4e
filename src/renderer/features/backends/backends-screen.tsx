import { useEffect, useMemo } from 'react'
import type { BackendStatus } from '../../../shared/window-schemas.js'
import { Empty, FaultNote, Skeleton } from '../../components/states.js'
import { ColumnMenu } from '../../components/table/column-menu.js'
import { DataTable } from '../../components/table/data-table.js'
import { TableFilter } from '../../components/table/table-filter.js'
import { useBackends } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { BACKEND_COLUMNS, backendKey, backendText } from './backend-columns.js'

const text = strings.backends
/** Two lines: the health, and the reason for it. */
const ROW_PX = 46
const FIGURES_MS = 2_000

/** Every backend of every app, with its health and the reason for it. */
export function BackendsScreen() {
  const { data, fault, refresh } = useBackends()
  // Requests in flight and checks are no changes that an event would tell of.
  useEffect(() => {
    const timer = setInterval(() => void refresh(), FIGURES_MS)
    return () => clearInterval(timer)
  }, [refresh])
  const rows = useMemo(() => worstFirst(data ?? []), [data])
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.backends}</h1>
        {data !== null && data.length > 0 && (
          <>
            <TableFilter table="backends" label={text.filter} />
            <ColumnMenu table="backends" columns={BACKEND_COLUMNS} />
          </>
        )}
      </header>
      <div className="scroll">
        {data === null && fault === null && <Skeleton />}
        {data === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
        {data?.length === 0 && <Empty title={text.none} text={text.noneText} />}
        {data !== null && data.length > 0 && (
          <DataTable
            table="backends"
            label={strings.screens.backends}
            columns={BACKEND_COLUMNS}
            rows={rows}
            keyOf={backendKey}
            textOf={backendText}
            noMatch={text.noMatch}
            rowHeight={ROW_PX}
          />
        )}
      </div>
    </div>
  )
}

function worstFirst(backends: readonly BackendStatus[]): BackendStatus[] {
  const rank = ({ health }: BackendStatus) => (health === 'unhealthy' ? 0 : 1)
  return [...backends].sort((a, b) => rank(a) - rank(b))
}
