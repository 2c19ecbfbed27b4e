import { CopyPlus, Pencil, Power, Trash2 } from 'lucide-react'
import type { Status } from '../../../shared/contract.js'
import { CopyButton } from '../../components/copy-button.js'
import { DetailsPane } from '../../components/details-pane.js'
import { formatClock, formatMs } from '../../format.js'
import { deleteApp, duplicateApp, setAppEnabled } from '../../stores/app-actions.js'
import { useExchanges } from '../../stores/exchanges.js'
import { type AppTab, useProcessActions } from '../../stores/processes.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { AppCacheSection } from '../cache/app-cache.js'
import { AppTraffic } from '../charts/app-traffic.js'
import { AppFaults } from '../faults/app-faults.js'
import { withoutSecrets } from '../policies/hidden-values.js'
import { PoliciesTab } from '../policies/policies-tab.js'
import { StatusCode } from '../requests/status-code.js'
import { AppShare } from '../share/app-share.js'
import { ShareButton } from '../share/share-button.js'
import { HealthMark } from './app-health.js'
import { AppProblem } from './app-problem.js'
import type { AppRow } from './app-rows.js'
import { AppState } from './app-state.js'
import { AppUrl } from './app-url.js'
import { ProcessFacts } from './process-facts.js'
import { AppTabs, ProcessOutput } from './process-output.js'
import { ProcessTools } from './process-tools.js'

const text = strings.apps
const LATEST = 6

/** Everything about one app: addresses, traffic, backends, latest requests, and what can be done with it. */
export function AppDetails({ row, status }: { row: AppRow; status: Status }) {
  const selectApp = useUi((state) => state.selectApp)
  const { tab, setTab } = useProcessActions()
  const { name } = row.app
  const shown = tabOf(row, tab)
  return (
    <DetailsPane
      title={name}
      label={text.details(name)}
      onClose={() => selectApp(null)}
      tabs={<AppTabs tab={shown} hasProcess={row.process !== null} onTab={setTab} />}
    >
      {shown === 'overview' && <Overview row={row} status={status} />}
      {shown === 'policies' && <PoliciesTab app={row.app.app} />}
      {shown === 'output' && <ProcessOutput row={row} />}
    </DetailsPane>
  )
}

/** An app without a process has no output to show. */
function tabOf({ process }: AppRow, tab: AppTab): AppTab {
  return tab === 'output' && process === null ? 'overview' : tab
}

function Overview({ row, status }: { row: AppRow; status: Status }) {
  const show = useUi((state) => state.show)
  const { app, backends, stats, process, share } = row
  const { name, enabled } = app
  const json = JSON.stringify(app.app, null, 2)
  const shown = JSON.stringify(withoutSecrets(app.app), null, 2)
  return (
    <>
      <div className="tools">
        {process !== null && enabled && <ProcessTools status={process} startsElsewhere />}
        <button
          type="button"
          className="button small"
          onClick={() => show({ kind: 'app-form', start: app.app, replaces: name })}
        >
          <Pencil className="icon" />
          {strings.actions.edit}
        </button>
        <button type="button" className="button small" onClick={() => duplicateApp(app, status)}>
          <CopyPlus className="icon" />
          {strings.actions.duplicate}
        </button>
        <button type="button" className="button small" onClick={() => void setAppEnabled(name, !enabled)}>
          <Power className="icon" />
          {enabled ? strings.actions.disable : strings.actions.enable}
        </button>
        <button type="button" className="button small danger" onClick={() => void deleteApp(name, status)}>
          <Trash2 className="icon" />
          {strings.actions.delete}
        </button>
      </div>
      <AppState row={row} />
      <AppProblem row={row} />
      {share !== null && <AppShare share={share} />}
      <section>
        <div className="section-tools">
          <h3>{text.addresses}</h3>
          <span className="push">{enabled && share === null && <ShareButton app={name} />}</span>
        </div>
        {app.urls.map((url) => (
          <AppUrl key={url} url={url} />
        ))}
      </section>
      {process !== null && <ProcessFacts status={process} />}
      {stats !== undefined && <AppTraffic stats={stats} />}
      <AppFaults app={app} />
      <section hidden={process !== null && backends.length === 0}>
        <h3>{backends.length > 0 ? text.backends : text.target}</h3>
        {backends.length === 0 && <span>{app.target}</span>}
        {backends.map(({ route, url, health }) => (
          <div key={route + url} className="mark">
            <HealthMark health={health} /> <code>{url}</code>
          </div>
        ))}
      </section>
      <AppCacheSection app={app} />
      <LatestRequests app={name} />
      <section>
        <h3>{text.definition}</h3>
        <div className="command">
          <code>{shown}</code>
          <CopyButton text={json} what={text.definition} />
        </div>
      </section>
    </>
  )
}

function LatestRequests({ app }: { app: string }) {
  const { log, setFilter, select } = useExchanges()
  const { go } = useUi()
  const latest = log.latestOf(app, LATEST)
  return (
    <section>
      <h3>{text.latest}</h3>
      {latest.length === 0 && <p className="soft">{text.noRequests}</p>}
      <ul>
        {latest.map((entry) => (
          <li key={entry.id}>
            <button
              type="button"
              className="brief-row"
              onClick={() => {
                setFilter({ app })
                select(entry.id)
                go('requests')
              }}
            >
              <span className="faint">{formatClock(entry.time)}</span>
              <StatusCode entry={entry} />
              <span>
                {entry.method} {entry.path}
              </span>
              <span className="number">{formatMs(entry.totalMs)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
