import { StrictMode, useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import { AppList } from './features/apps/app-list.js'
import { useStatus } from './stores/status.js'

const REFRESH_MS = 2_000

function Window() {
  const { status, fault, refresh } = useStatus()
  useEffect(() => {
    void refresh()
    const timer = setInterval(() => void refresh(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [refresh])
  return (
    <main>
      <h1>Portico</h1>
      {fault !== null && <p role="alert">{[fault.message, fault.hint].join(' ')}</p>}
      {status !== null && <AppList apps={status.apps} />}
    </main>
  )
}

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Window />
    </StrictMode>,
  )
}
