import {
  ArrowLeftRight,
  ChartLine,
  Command,
  Keyboard,
  LayoutGrid,
  Server,
  Settings,
  Share2,
  ShieldCheck,
  Stethoscope,
} from 'lucide-react'
import { Sparkline } from './components/sparkline.js'
import { FaultsCount } from './features/faults/fault-marks.js'
import { faultedApps } from './features/faults/faulted-apps.js'
import { SharesCount } from './features/share/share-marks.js'
import { formatCount } from './format.js'
import { useDoctor } from './stores/doctor.js'
import { useBackends, useProcesses, useStats, useStatus } from './stores/feeds.js'
import { failedProcesses } from './stores/processes.js'
import { SCREENS, type Screen, useUi } from './stores/ui.js'
import { strings } from './strings.js'

const ICONS = {
  apps: LayoutGrid,
  requests: ArrowLeftRight,
  backends: Server,
  metrics: ChartLine,
  share: Share2,
  certificates: ShieldCheck,
  doctor: Stethoscope,
  settings: Settings,
}
const MODIFIER = /Mac/.test(navigator.userAgent) ? '⌘' : 'Ctrl '

/** The screens, each with what is worth knowing of it at a glance. */
export function Sidebar() {
  const { screen, go, show } = useUi()
  return (
    <div className="sidebar">
      <header className="brand">
        <Logo />
        <span>{strings.product}</span>
      </header>
      <nav aria-label={strings.product}>
        <ul>
          {SCREENS.map((name) => {
            const Icon = ICONS[name]
            return (
              <li key={name}>
                <button
                  type="button"
                  className="nav-item"
                  aria-current={screen === name ? 'page' : undefined}
                  title={strings.screens[name]}
                  onClick={() => go(name)}
                >
                  <Icon className="icon" />
                  <span>{strings.screens[name]}</span>
                  <Glance screen={name} />
                </button>
              </li>
            )
          })}
        </ul>
      </nav>
      <div className="bottom">
        <button
          type="button"
          className="nav-item"
          title={strings.palette.short}
          onClick={() => show({ kind: 'palette' })}
        >
          <Command className="icon" />
          <span>{strings.palette.short}</span>
          <kbd>{MODIFIER}K</kbd>
        </button>
        <button
          type="button"
          className="nav-item"
          title={strings.palette.shortcutsShort}
          onClick={() => show({ kind: 'shortcuts' })}
        >
          <Keyboard className="icon" />
          <span>{strings.palette.shortcutsShort}</span>
          <kbd>?</kbd>
        </button>
      </div>
    </div>
  )
}

function Glance({ screen }: { screen: Screen }) {
  const status = useStatus().data
  const stats = useStats().data
  const backends = useBackends().data ?? []
  const failed = failedProcesses(useProcesses().data ?? [])
  if (screen === 'apps' && failed > 0) {
    return (
      <span className="count alert" title={strings.status.failed(failed)}>
        ■ {failed}
      </span>
    )
  }
  if (screen === 'apps' && status !== null && faultedApps(status.apps).length > 0) {
    return <FaultsCount apps={status.apps} />
  }
  if (screen === 'apps' && status !== null) return <span className="count">{formatCount(status.apps.length)}</span>
  if (screen === 'requests' && stats !== null) {
    return <Sparkline values={stats.total.rates.slice(-30)} width={48} height={14} />
  }
  if (screen === 'backends' && backends.length > 0) {
    const sick = backends.filter(({ health }) => health === 'unhealthy').length
    return sick > 0 ? (
      <span className="count alert" title={strings.health.unhealthy}>
        ▲ {sick}
      </span>
    ) : (
      <span className="count">{formatCount(backends.length)}</span>
    )
  }
  if (screen === 'share') return <SharesCount />
  if (screen === 'doctor') return <DoctorGlance />
  if (screen === 'settings' && status?.configError) return <span className="count alert">■ 1</span>
  return null
}

function DoctorGlance() {
  const { checks, busy } = useDoctor()
  const fails = checks.filter(({ status }) => status === 'fail').length
  if (busy) return <span className="count">◐</span>
  return fails === 0 ? null : (
    <span className="count alert" title={strings.doctor.summary(fails, 0)}>
      ■ {fails}
    </span>
  )
}

/** A gateway: two columns under a roof. */
function Logo() {
  return (
    <svg viewBox="0 0 18 18" aria-hidden="true">
      <path
        d="M2 6.6 9 2l7 4.6M3.5 15.5h11M5.2 7.6v7.4M12.8 7.6v7.4M9 7.6v7.4"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.7"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
