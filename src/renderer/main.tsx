import './strict-page.js'
import './tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/frame.css'
import './styles/tables.css'
import './styles/log.css'
import './styles/details.css'
import './styles/welcome.css'
import './styles/chart-frame.css'
import './styles/processes.css'
import './styles/doctor.css'
import './styles/trust.css'
import './styles/phones.css'
import './styles/policies.css'
import './styles/charts.css'
import './styles/faults.css'
import './styles/share.css'
import './styles/services.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { callShell, inDesktopApp } from './bridge.js'
import { attempt } from './stores/toasts.js'
import { applyTheme, useUi } from './stores/ui.js'
import { Window } from './window.js'

applyTheme(useUi.getState().theme)
// Title bar and menus are the system's: it has to be told.
if (inDesktopApp)
  useUi.subscribe(({ theme }, before) => {
    if (theme !== before.theme) void attempt(async () => void (await callShell('settings.set', { theme })))
  })
const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Window />
    </StrictMode>,
  )
}
