import { useEffect, useState } from 'react'

/** The time, anew twice a second. @param ticking false where nothing counts down: then it costs nothing @returns milliseconds since 1970 */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!ticking) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [ticking])
  return ticking ? now : Date.now()
}

/** Whole seconds until a time, at least 0. @param iso ISO 8601 @param now milliseconds since 1970 */
export function secondsUntil(iso: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(iso) - now) / 1_000))
}
