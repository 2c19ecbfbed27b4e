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
  const { app } = useChartView()
  const { data, fault, refresh } = useHistory(app)
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.metrics}</h1>
        <AppChoice />
      </header>
      <div className="scroll metrics">
        {data === null && fault === null && <Skeleton />}
        {data === null && fault !== null && <FaultNote fault={fault} retry={refresh} />}
        {data !== null && <HourCharts key={app} history={data} height={CHART_PX} />}
        <BusiestApps />
      </div>
    </div>
  )
}

function AppChoice() {
  const { app, setApp } = useChartView()
  const { selectApp, go } = useUi()
  const names = (useStatus().data?.apps ?? []).map(({ name }) => name)
  // The chosen one may be gone.
  const shown = app === null || names.includes(app) ? names : [...names, app]
  return (
    <>
      <select
        className="select button"
        aria-label={text.app}
        value={app ?? ''}
        onChange={({ target }) => setApp(target.value === '' ? null : target.value)}
      >
        <option value="">{text.all}</option>
        {shown.map((name) => (
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
