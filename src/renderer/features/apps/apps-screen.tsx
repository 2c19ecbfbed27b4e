import { Plus } from 'lucide-react'
import { useMemo } from 'react'
import { FaultNote, Skeleton } from '../../components/states.js'
import { ColumnMenu } from '../../components/table/column-menu.js'
import { DataTable } from '../../components/table/data-table.js'
import { TableFilter } from '../../components/table/table-filter.js'
import { useBackends, useProcesses, useStats, useStatus } from '../../stores/feeds.js'
import { useShares } from '../../stores/share.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { APP_COLUMNS, appText } from './app-columns.js'
import { AppDetails } from './app-details.js'
import { type AppRow, appRows } from './app-rows.js'
import { DiscoveredPorts } from './discovered-ports.js'
import { Welcome } from './welcome.js'

const text = strings.apps

/** The apps, what could be added, and the details of one. */
export function AppsScreen() {
  const { data: status, fault, refresh } = useStatus()
  const backends = useBackends().data
  const stats = useStats().data
  const processes = useProcesses().data
  const shares = useShares().data
  const { selectedApp, selectApp, show } = useUi()
  const rows = useMemo(
    () => appRows(status?.apps ?? [], backends ?? [], stats?.apps ?? [], processes ?? [], shares ?? []),
    [status, backends, stats, processes, shares],
  )
  const selected = rows.find(({ app }) => app.name === selectedApp)
  return (
    <>
      <div className="screen">
        <header>
          <h1>{strings.screens.apps}</h1>
          {rows.length > 0 && (
            <>
              <TableFilter table="apps" label={text.filter} />
              <ColumnMenu table="apps" columns={APP_COLUMNS} />
            </>
          )}
          <button
            type="button"
            className="button primary push"
            onClick={() => show({ kind: 'app-form', start: null, replaces: null })}
          >
            <Plus className="icon" />
            {strings.actions.addApp}
          </button>
        </header>
        <div className="scroll">
          {status === null && fault === null && <Skeleton />}
          {status === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
          {status?.apps.length === 0 && <Welcome status={status} />}
          {rows.length > 0 && (
            <>
              <DataTable
                table="apps"
                label={strings.screens.apps}
                columns={APP_COLUMNS}
                rows={rows}
                keyOf={nameOf}
                textOf={appText}
                noMatch={text.noMatch}
                selected={selectedApp}
                onSelect={selectApp}
                isOff={({ app }) => !app.enabled}
              />
              <div className="section-title">
                <h2>{text.discovered}</h2>
                <span className="faint">{text.discoveredHint}</span>
              </div>
              <DiscoveredPorts />
            </>
          )}
        </div>
      </div>
      {status !== null && selected !== undefined && (
        <AppDetails key={selected.app.name} row={selected} status={status} />
      )}
    </>
  )
}

function nameOf({ app }: AppRow): string {
  return app.name
}
