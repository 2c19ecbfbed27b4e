import './strict-page.js'
import './tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/frame.css'
import './styles/lists.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { applyTheme, useUi } from './stores/ui.js'
import { Window } from './window.js'

applyTheme(useUi.getState().theme)
const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Window />
    </StrictMode>,
  )
}
