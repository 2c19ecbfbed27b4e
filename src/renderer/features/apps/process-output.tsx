import { Tabs } from '../../components/tabs.js'
import { strings } from '../../strings.js'
import { OutputView } from '../output/output-view.js'
import { type AppRow, sickOf } from './app-rows.js'
import { AppState } from './app-state.js'
import { ProcessTools } from './process-tools.js'

/** The second side of an app's details: what its process prints, and the buttons that go with it. */
export function ProcessOutput({ row }: { row: AppRow }) {
  const { app, process } = row
  if (process === null) return null
  const reason = sickOf(row) ?? process.reason
  return (
    <OutputView key={app.name} app={app.name}>
      <div className="output-head">
        <AppState row={row} />
        {app.enabled && <ProcessTools status={process} />}
        {reason !== null && <span className="soft reason">{reason}</span>}
      </div>
    </OutputView>
  )
}

const TABS = ['overview', 'output'] as const
const text = strings.processes

/** The tabs of an app that has a process. */
export function AppTabs({ tab, onTab }: { tab: (typeof TABS)[number]; onTab(tab: (typeof TABS)[number]): void }) {
  return <Tabs className="app-tabs" tabs={TABS} names={text} selected={tab} onSelect={onTab} />
}
