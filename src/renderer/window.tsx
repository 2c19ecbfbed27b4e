import { useEffect, useState } from 'react'
import { retryConnection } from './bridge.js'
import { Mark } from './components/mark.js'
import { Toaster } from './components/toaster.js'
import { AppForm } from './features/apps/app-form.js'
import { AppsScreen } from './features/apps/apps-screen.js'
import { BackendsScreen } from './features/backends/backends-screen.js'
import { CertificatesScreen } from './features/certificates/certificates-screen.js'
import { MetricsScreen } from './features/charts/metrics-screen.js'
import { DoctorScreen } from './features/doctor/doctor-screen.js'
import { Palette } from './features/palette/palette.js'
import { Shortcuts } from './features/palette/shortcuts.js'
import { ChangeDialog } from './features/plan/change-dialog.js'
import { RequestsScreen } from './features/requests/requests-screen.js'
import { SettingsScreen } from './features/settings/settings-screen.js'
import { ServicesDialog } from './features/share/services-dialog.js'
import { ShareDialog } from './features/share/share-dialog.js'
import { ShareScreen } from './features/share/share-screen.js'
import { Sidebar } from './sidebar.js'
import { StatusBar } from './status-bar.js'
import { useConnection } from './stores/connection.js'
import { feedExchanges } from './stores/exchanges.js'
import { useUi } from './stores/ui.js'
import { strings } from './strings.js'
import { useShortcuts } from './use-shortcuts.js'

const SCREEN_COMPONENTS = {
  apps: AppsScreen,
  requests: RequestsScreen,
  backends: BackendsScreen,
  metrics: MetricsScreen,
  share: ShareScreen,
  certificates: CertificatesScreen,
  doctor: DoctorScreen,
  settings: SettingsScreen,
}

/** The whole window: sidebar, one screen, status bar, and what lies over them. */
export function Window() {
  const { screen, overlay } = useUi()
  useShortcuts()
  useEffect(feedExchanges, [])
  const Screen = SCREEN_COMPONENTS[screen]
  return (
    <div className="frame">
      <Sidebar />
      <ConnectionBanner />
      <main className="main">
        <Screen />
      </main>
      <StatusBar />
      <Toaster />
      <ChangeDialog />
      {overlay?.kind === 'palette' && <Palette />}
      {overlay?.kind === 'shortcuts' && <Shortcuts />}
      {overlay?.kind === 'share' && <ShareDialog app={overlay.app} replaces={overlay.replaces} />}
      {overlay?.kind === 'services' && <ServicesDialog relay={overlay.relay} />}
      {overlay?.kind === 'app-form' && (
        <AppForm start={overlay.start} replaces={overlay.replaces} focus={overlay.focus} />
      )}
    </div>
  )
}

/** Seen while the engine cannot be reached: what is shown stays, and is said to be old. */
function ConnectionBanner() {
  const connection = useConnection()
  const [now, setNow] = useState(Date.now)
  const lost = connection.state === 'disconnected'
  useEffect(() => {
    if (!lost) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [lost])
  if (!lost) return null
  const seconds = Math.max(0, Math.ceil((connection.retryAt - now) / 1_000))
  return (
    <div className="banner" role="alert">
      <Mark shape="triangle" tone="warn">
        <strong>{strings.connection.disconnected}</strong>
      </Mark>
      <span className="soft">{connection.hint ?? strings.connection.reconnecting(seconds)}</span>
      <button type="button" className="button small push" onClick={retryConnection}>
        {strings.actions.retryNow}
      </button>
    </div>
  )
}
