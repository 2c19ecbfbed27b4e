import { useEffect } from 'react'

/** True when keys typed there are text, or belong to something over the window. */
export function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector('dialog[open]') !== null) return true
  return target instanceof HTMLElement && target.matches('input, textarea, select')
}

/**
 * j, k and the arrows move the selection through a list, Escape ends it.
 *
 * @param at index of the selected row; -1 for none
 * @param select called with the index to select, or -1
 */
export function useListKeys(count: number, at: number, select: (index: number) => void): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key]
      if (event.key === 'Escape' && at !== -1) select(-1)
      if (step === undefined || count === 0) return
      event.preventDefault()
      if (at === -1) select(step > 0 ? 0 : count - 1)
      else select(Math.min(count - 1, Math.max(0, at + step)))
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [count, at, select])
}
