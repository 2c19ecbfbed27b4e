import { NO_FILTER } from '../../stores/exchange-filter.js'
import { useExchanges } from '../../stores/exchanges.js'
import { useUi } from '../../stores/ui.js'

/** Goes to the log, narrowed to what ended in one step. @param app null for all @param time seconds since 1970 */
export function showRequestsOf(app: string | null, time: number, seconds: number): void {
  const { setFilter, select } = useExchanges.getState()
  setFilter({ ...NO_FILTER, app: app ?? '', from: time * 1_000, to: (time + seconds) * 1_000 })
  select(null)
  useUi.getState().go('requests')
}
