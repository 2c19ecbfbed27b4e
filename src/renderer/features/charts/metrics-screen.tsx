import { FaultNote, Skeleton } from '../../components/states.js'
import { useChartView } from '../../stores/chart-view.js'
import { useStatus } from '../../stores/feeds.js'
import { useHistory } from '../../stores/hour.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { BusiestApps } from './busiest-apps.js'
import { HourCharts } from './hour-charts.js'

const text = strings.charts.metrics
const CHART_PX = 132

/** The last hour of all apps together or of one, and the apps that were busiest in it. */
export function MetricsScreen() {
  const { names, app } = useChosen()
  const { data, fault, refresh } = useHistory(app)
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.metrics}</h1>
        <AppChoice names={names} app={app} />
      </header>
      <div className="scroll metrics">
        {data === null && fault === null && <Skeleton />}
        {data === null && fault !== null && <FaultNote fault={fault} retry={refresh} />}
        {data !== null && <HourCharts key={app} history={data} height={CHART_PX} />}
        <BusiestApps chosen={app} />
      </div>
    </div>
  )
}

/** The apps there are, and the one that was chosen, unless it is gone. */
function useChosen(): Chosen {
  const chosen = useChartView(({ app }) => app)
  const names = (useStatus().data?.apps ?? []).map(({ name }) => name)
  return { names, app: chosen !== null && names.includes(chosen) ? chosen : null }
}

function AppChoice({ names, app }: Chosen) {
  const { setApp } = useChartView()
  const { selectApp, go } = useUi()
  return (
    <>
      <select
        className="select button"
        aria-label={text.app}
        value={app ?? ''}
        onChange={({ target }) => setApp(target.value === '' ? null : target.value)}
      >
        <option value="">{text.all}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
      {app !== null && (
        <button
          type="button"
          className="button"
          onClick={() => {
            selectApp(app)
            go('apps')
          }}
        >
          {text.show(app)}
        </button>
      )}
    </>
  )
}

interface Chosen {
  names: readonly string[]
  /** null for all together */
  app: string | null
}
