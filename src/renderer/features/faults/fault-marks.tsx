import { X } from 'lucide-react'
import type { AppStatus } from '../../../shared/contract.js'
import { Mark } from '../../components/mark.js'
import { useStatus } from '../../stores/feeds.js'
import { useProcessActions } from '../../stores/processes.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { describeFaults } from './describe-faults.js'
import { endFaults } from './fault-actions.js'
import { faultedApps, faultsOn, isFaulted } from './faulted-apps.js'

const text = strings.faults
/** Named one by one up to so many. */
const NAMED = 2

/** In the status bar, as long as something goes wrong on purpose: where, and the button that ends it. */
export function FaultsSegment() {
  const apps = useStatus().data?.apps ?? []
  const names = faultedApps(apps)
  if (names.length === 0) return null
  return (
    <span className="faults-segment">
      <button type="button" title={text.on(names.join(', '))} onClick={() => showNext(names)}>
        <Mark shape="triangle" tone="warn">
          {text.on(names.length > NAMED ? text.several(names.length) : names.join(', '))}
        </Mark>
      </button>
      <button type="button" aria-label={text.turnOffAll} title={text.turnOffAll} onClick={() => void endFaults(apps)}>
        <X className="icon" />
      </button>
    </span>
  )
}

/** On the row of an app in which something goes wrong on purpose. */
export function FaultsChip({ app: { app } }: { app: AppStatus }) {
  if (!isFaulted(app)) return null
  const on = faultsOn(app)
  return (
    <span className="chip warn" title={on === null ? undefined : describeFaults(on)}>
      <span className="word">{text.mark}</span>
    </span>
  )
}

/** Beside the screen of the apps: how many have faults on. */
export function FaultsCount({ apps }: { apps: readonly AppStatus[] }) {
  const names = faultedApps(apps)
  return (
    <span className="count faulted" title={text.on(names.join(', '))}>
      ▲ {names.length}
    </span>
  )
}

/** Goes to the app after the one that is shown. */
function showNext(names: readonly string[]): void {
  const { selectedApp, selectApp, go } = useUi.getState()
  const next = names[(names.indexOf(selectedApp ?? '') + 1) % names.length]
  useProcessActions.getState().setTab('overview')
  selectApp(next ?? null)
  go('apps')
}
