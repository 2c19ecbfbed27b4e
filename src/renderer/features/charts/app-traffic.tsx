import type { AppStats } from '../../../shared/window-schemas.js'
import { Mark } from '../../components/mark.js'
import { FaultNote } from '../../components/states.js'
import { formatCount } from '../../format.js'
import { SPANS, useChartView } from '../../stores/chart-view.js'
import { useHistory } from '../../stores/hour.js'
import { strings } from '../../strings.js'
import { TrafficCharts } from '../traffic-charts.js'
import { HourCharts } from './hour-charts.js'

const text = strings.charts
const CHART_PX = 76
const HOUR_PX = 96

/** The traffic of one app: of the last minute as it comes, or of the last hour. */
export function AppTraffic({ stats }: { stats: AppStats }) {
  const { span, setSpan } = useChartView()
  return (
    <section>
      <div className="section-head">
        <h3>{strings.apps.traffic}</h3>
        <fieldset className="segments push" aria-label={text.span}>
          {SPANS.map((one) => (
            <button key={one} type="button" aria-pressed={one === span} onClick={() => setSpan(one)}>
              {text.spans[one]}
            </button>
          ))}
        </fieldset>
      </div>
      {span === 'hour' ? (
        <LastHour key={stats.app} app={stats.app} />
      ) : (
        <TrafficCharts stats={stats} app={stats.app} height={CHART_PX} />
      )}
      {span === 'live' && stats.errors > 0 && (
        <Mark shape="square" tone="bad">
          {strings.apps.errors(formatCount(stats.errors))}
        </Mark>
      )}
    </section>
  )
}

function LastHour({ app }: { app: string }) {
  const { data, fault, refresh } = useHistory(app)
  if (data !== null) return <HourCharts history={data} height={HOUR_PX} />
  return fault === null ? null : <FaultNote fault={fault} retry={refresh} />
}
