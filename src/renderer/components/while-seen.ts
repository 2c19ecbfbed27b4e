/** Runs `effect` now; while the page is hidden, when it is seen again. @returns the function that takes it back */
export function whileSeen(effect: () => void): () => void {
  if (document.visibilityState === 'visible') {
    effect()
    return () => {}
  }
  const seen = () => {
    if (document.visibilityState !== 'visible') return
    document.removeEventListener('visibilitychange', seen)
    effect()
  }
  document.addEventListener('visibilitychange', seen)
  return () => document.removeEventListener('visibilitychange', seen)
}
