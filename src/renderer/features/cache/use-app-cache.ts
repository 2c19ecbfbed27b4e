import { useCallback, useEffect, useRef, useState } from 'react'
import type { AppCache } from '../../../shared/cache-schemas.js'
import { Fault } from '../../../shared/fault.js'
import { call } from '../../bridge.js'
import { whenConnected } from '../../stores/connection.js'
import { useStats, useStatus } from '../../stores/feeds.js'

export interface AppCacheState {
  /** null until the first answer, and for an app without a cache */
  cache: AppCache | null
  /** when it was asked for, in milliseconds since 1970 */
  at: number
  fault: Fault | null
}

/** What an app's caches keep. They tell of no changes, but change with the app's traffic alone: it is asked again with that. */
export function useAppCache(app: string): AppCacheState & { refresh(): Promise<void> } {
  const [state, setState] = useState<AppCacheState>({ cache: null, at: 0, fault: null })
  const latest = useRef(0)
  const stats = useStats().data
  const status = useStatus().data
  const refresh = useCallback(async () => {
    const mine = ++latest.current
    const next = await call('cache.list', { app }).then(
      ([cache]) => ({ cache: cache ?? null, at: Date.now(), fault: null }),
      (error: unknown) => ({ fault: Fault.of(error) }),
    )
    if (mine === latest.current) setState((before) => ({ ...before, ...next }))
  }, [app])
  useEffect(() => whenConnected(() => void refresh()), [refresh])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another config may have another cache
  useEffect(() => void refresh(), [status, refresh])
  useEffect(() => {
    const rates = stats?.apps.find((one) => one.app === app)?.rates ?? []
    if ((rates.at(-1) ?? 0) > 0) void refresh()
  }, [stats, app, refresh])
  return { ...state, refresh }
}
