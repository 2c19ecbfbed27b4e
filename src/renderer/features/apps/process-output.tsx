import { Tabs } from '../../components/tabs.js'
import type { AppTab } from '../../stores/processes.js'
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

const NAMES = {
  overview: strings.processes.overview,
  policies: strings.policies.tab,
  output: strings.processes.output,
}
const TABS = ['overview', 'policies'] as const
const PROCESS_TABS = ['overview', 'policies', 'output'] as const

/** The tabs of an app; one that has a process shows what it prints too. */
export function AppTabs({ tab, hasProcess, onTab }: AppTabsProps) {
  return (
    <Tabs
      className={hasProcess ? 'app-tabs' : ''}
      tabs={hasProcess ? PROCESS_TABS : TABS}
      names={NAMES}
      selected={tab}
      onSelect={onTab}
    />
  )
}

interface AppTabsProps {
  tab: AppTab
  hasProcess: boolean
  onTab(tab: AppTab): void
}
