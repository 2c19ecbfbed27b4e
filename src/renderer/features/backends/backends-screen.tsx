import { useState } from 'react'
import type { BackendStatus } from '../../../shared/window-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { SearchField } from '../../components/search-field.js'
import { Empty, FaultNote, Skeleton } from '../../components/states.js'
import { formatExact, formatRelative } from '../../format.js'
import { useBackends } from '../../stores/feeds.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { BackendHealth } from '../apps/app-health.js'

const text = strings.backends

/** Every backend of every app, the unhealthy ones first, with the reason. */
export function BackendsScreen() {
  const { data, fault, refresh } = useBackends()
  const [filter, setFilter] = useState('')
  const shown = arrange(data ?? [], filter)
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.backends}</h1>
        {data !== null && data.length > 0 && <SearchField label={text.filter} value={filter} onChange={setFilter} />}
      </header>
      <div className="scroll">
        {data === null && fault === null && <Skeleton />}
        {data === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
        {data?.length === 0 && <Empty title={text.none} text={text.noneText} />}
        {data !== null && data.length > 0 && shown.length === 0 && (
          <Empty title={text.noMatch}>
            <button type="button" className="button" onClick={() => setFilter('')}>
              {strings.actions.clearFilters}
            </button>
          </Empty>
        )}
        {shown.length > 0 && <BackendTable backends={shown} />}
      </div>
    </div>
  )
}

function BackendTable({ backends }: { backends: readonly BackendStatus[] }) {
  const { go, selectApp } = useUi()
  return (
    <table className="table">
      <colgroup>
        <col style={{ width: '26%' }} />
        <col />
        <col style={{ width: '14%' }} />
        <col style={{ width: '14%' }} />
        <col style={{ width: 104 }} />
        <col style={{ width: 72 }} />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{text.columns.url}</th>
          <th scope="col">{text.columns.health}</th>
          <th scope="col">{text.columns.app}</th>
          <th scope="col">{text.columns.route}</th>
          <th scope="col">{text.columns.since}</th>
          <th scope="col" className="number">
            {text.columns.weight}
          </th>
        </tr>
      </thead>
      <tbody>
        {backends.map(({ app, route, url, health, reason, since, weight }) => (
          <tr key={`${app} ${route} ${url}`}>
            <td>
              <span className="url">
                <code>{url}</code>
                <CopyButton text={url} what={url} />
              </span>
            </td>
            <td>
              <BackendHealth health={health} reason={reason} />
              {reason !== null && (
                <div className="soft reason" title={reason}>
                  {reason}
                </div>
              )}
            </td>
            <td>
              <button
                type="button"
                className="row-button"
                onClick={() => {
                  selectApp(app)
                  go('apps')
                }}
              >
                {app}
              </button>
            </td>
            <td>
              <code>{route}</code>
            </td>
            <td className="soft" title={since === null ? undefined : formatExact(since)}>
              {since === null ? '' : formatRelative(since, Date.now())}
            </td>
            <td className="number soft">{weight}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function arrange(backends: readonly BackendStatus[], filter: string): BackendStatus[] {
  const word = filter.trim().toLowerCase()
  const rank = { unhealthy: 0, unknown: 1, healthy: 1 }
  return backends
    .filter(({ app, url, route, health }) => `${app} ${url} ${route} ${health}`.toLowerCase().includes(word))
    .sort((a, b) => rank[a.health] - rank[b.health])
}
