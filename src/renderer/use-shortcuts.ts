import { useEffect } from 'react'
import { shareSelected } from './features/share/share-actions.js'
import { useExchanges } from './stores/exchanges.js'
import { SCREENS, useUi } from './stores/ui.js'
import { isTyping } from './use-list-keys.js'

/** The keys that work on every screen. */
export function useShortcuts(): void {
  useEffect(() => {
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

function onKey(event: KeyboardEvent): void {
  const { overlay, show, go } = useUi.getState()
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    show(overlay?.kind === 'palette' ? null : { kind: 'palette' })
    return
  }
  if (event.key === 'Escape' && event.target instanceof HTMLElement && event.target.matches('[data-filter]')) {
    event.target.blur()
    return
  }
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
  const screen = SCREENS[Number(event.key) - 1]
  const action = screen === undefined ? ACTIONS[event.key] : () => go(screen)
  if (action === undefined) return
  event.preventDefault()
  action()
}

const ACTIONS: Record<string, () => void> = {
  '/': () => document.querySelector<HTMLInputElement>('[data-filter]')?.focus(),
  '?': () => useUi.getState().show({ kind: 'shortcuts' }),
  n: () => useUi.getState().show({ kind: 'app-form', start: null, replaces: null }),
  s: shareSelected,
  p: () => {
    const { pausedAt, setPaused } = useExchanges.getState()
    if (useUi.getState().screen === 'requests') setPaused(pausedAt === null)
  },
}
