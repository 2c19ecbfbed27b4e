import { useEffect, useRef, useState } from 'react'
import type { Stats } from '../../shared/window-schemas.js'
import { LineChart } from '../components/line-chart.js'
import { formatMs, formatRate } from '../format.js'
import { useExchanges } from '../stores/exchanges.js'
import { LatencyHistory } from '../stores/latency-history.js'
import { strings } from '../strings.js'

const text = strings.charts

/** Requests a second and the 95th percentile of their time over the last minute. @param app its name; null for all */
export function TrafficCharts({ stats, app, height }: TrafficChartsProps) {
  const p95s = useLatencies(app, stats)
  const { rates, p95Ms } = stats
  const peak = Math.max(0, ...rates)
  const slowest = Math.max(0, ...p95s.map((value) => value ?? 0))
  const rateNow = formatRate(rates.at(-1) ?? 0)
  const latency = p95Ms === null ? null : formatMs(p95Ms)
  return (
    <div className="charts">
      <LineChart
        title={text.rate}
        now={text.perSecond(rateNow)}
        most={text.peak(formatRate(peak))}
        summary={text.rateSummary(rateNow, formatRate(peak))}
        series={[{ label: text.rate, look: 'rate', values: rates }]}
        height={height}
        format={formatRate}
      />
      <LineChart
        title={text.latency}
        now={latency ?? text.nothing}
        most={latency === null ? '' : text.slowest(formatMs(slowest))}
        summary={latency === null ? text.noRequests : text.latencySummary(latency, formatMs(slowest))}
        series={[{ label: text.latency, look: 'latency', values: p95s }]}
        height={height}
        format={formatMs}
      />
    </div>
  )
}

/** Brought up to date whenever the rates are, once a second. */
function useLatencies(app: string | null, tick: unknown): (number | null)[] {
  const history = useRef<LatencyHistory | null>(null)
  const [p95s, setP95s] = useState<(number | null)[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tick is the clock
  useEffect(() => {
    const { log } = useExchanges.getState()
    history.current ??= new LatencyHistory(app)
    history.current.take(log.everHeld, (number) => log.at(number - (log.everHeld - log.total)))
    setP95s(history.current.p95s(Date.now()))
  }, [app, tick])
  return p95s
}

interface TrafficChartsProps {
  stats: Stats['total']
  app: string | null
  /** pixels, of each */
  height: number
}
