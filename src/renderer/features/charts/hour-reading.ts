import type { History } from '../../../shared/history-schemas.js'
import { formatCount, formatInstant } from '../../format.js'
import { strings } from '../../strings.js'
import { type Panel, readings, sum } from './hour-panels.js'

const text = strings.charts.hour

/** The step that an instant lies in, as "14:03:20 – 14:03:30". @param time its beginning, seconds since 1970 */
export function stepText(time: number, stepSeconds: number): string {
  return text.step(formatInstant(time), formatInstant(time + stepSeconds))
}

/** Everything that is known of one instant, in words. @param at index */
export function instantText(history: History, panels: readonly Panel[], at: number): string {
  const time = stepText(history.times[at] as number, history.stepSeconds)
  if (!history.running[at]) return text.instant(time, strings.charts.off)
  const parts = panels.flatMap((panel) => {
    const values = readings(panel, at)
    return panel.series.map(({ label }, line) =>
      label === panel.title
        ? text.value(label, values[line] as string)
        : text.valueOf(panel.title, label, values[line] as string),
    )
  })
  return text.instant(time, parts.join(', '))
}

/** What a chart shows, in a sentence. */
export function panelText(panel: Panel): string {
  const values = panel.series.map(({ label, overall }) => text.value(label, overall))
  return text.summary(panel.overall, values.join(', '))
}

/** Whether there was anything in the hour, in a sentence. */
export function hourText({ requests }: History): string {
  const count = sum(requests)
  return count === 0 ? text.none : text.count(formatCount(count), count === 1)
}
