import { Plus } from 'lucide-react'
import { useCallback, useState } from 'react'
import type { AppStatus, Status } from '../../../shared/contract.js'
import { SearchField } from '../../components/search-field.js'
import { Empty, FaultNote, Skeleton } from '../../components/states.js'
import { useBackends, useStats, useStatus } from '../../stores/feeds.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { useListKeys } from '../../use-list-keys.js'
import { AppDetails } from './app-details.js'
import { type AppSort, AppTable } from './app-table.js'
import { DiscoveredPorts } from './discovered-ports.js'
import { Welcome } from './welcome.js'

/** The apps, what could be added, and the details of one. */
export function AppsScreen() {
  const { data: status, fault, refresh } = useStatus()
  const backends = useBackends().data ?? []
  const stats = useStats().data?.apps ?? []
  const { selectedApp, selectApp, show } = useUi()
  const [filter, setFilter] = useState('')
  const [sort, setSort] = useState<AppSort>('file')
  const shown = status === null ? [] : arrange(status.apps, filter, sort)
  const names = shown.map(({ name }) => name).join('\n')
  const pick = useCallback((index: number) => selectApp(names.split('\n')[index] ?? null), [names, selectApp])
  useListKeys(
    shown.length,
    shown.findIndex(({ name }) => name === selectedApp),
    pick,
  )
  const selected = status?.apps.find(({ name }) => name === selectedApp)
  return (
    <>
      <div className="screen">
        <header>
          <h1>{strings.screens.apps}</h1>
          {status !== null && status.apps.length > 0 && (
            <SearchField label={strings.apps.filter} value={filter} onChange={setFilter} />
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
          {status !== null && status.apps.length > 0 && (
            <>
              <AppTable apps={shown} backends={backends} stats={stats} sort={sort} onSort={setSort} />
              {shown.length === 0 && <NoMatch onClear={() => setFilter('')} />}
              <div className="section-title">
                <h2>{strings.apps.discovered}</h2>
                <span className="faint">{strings.apps.discoveredHint}</span>
              </div>
              <DiscoveredPorts />
            </>
          )}
        </div>
      </div>
      {status !== null && selected !== undefined && (
        <AppDetails
          key={selected.name}
          app={selected}
          status={status as Status}
          backends={backends}
          stats={stats.find(({ app }) => app === selected.name)}
        />
      )}
    </>
  )
}

function NoMatch({ onClear }: { onClear(): void }) {
  return (
    <Empty title={strings.apps.noMatch}>
      <button type="button" className="button" onClick={onClear}>
        {strings.actions.clearFilters}
      </button>
    </Empty>
  )
}

function arrange(apps: readonly AppStatus[], filter: string, sort: AppSort): AppStatus[] {
  const word = filter.trim().toLowerCase()
  const fits = apps.filter(({ name, hosts, target }) => [name, ...hosts, target].join(' ').toLowerCase().includes(word))
  return sort === 'file' ? fits : fits.sort((a, b) => a[sort].localeCompare(b[sort], 'en', { numeric: true }))
}
