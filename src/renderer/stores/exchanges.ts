import { create } from 'zustand'
import type { ExchangeEntry } from '../../shared/contract.js'
import { call, on } from '../bridge.js'
import { whenConnected } from './connection.js'
import { type ExchangeFilter, NO_FILTER } from './exchange-filter.js'
import { ExchangeLog } from './exchange-log.js'

const REMEMBERED = 10_000
/** A hidden page draws no frames; what waits for one is taken in anyway from this many on. */
const LARGEST_BATCH = 5_000

interface ExchangesState {
  log: ExchangeLog
  /** grows with every change of the log */
  version: number
  loaded: boolean
  filter: ExchangeFilter
  /** id of the exchange whose details are shown */
  selected: string | null
  /** rows shown while paused; null while live */
  pausedAt: number | null
  setFilter(change: Partial<ExchangeFilter>): void
  select(id: string | null): void
  setPaused(paused: boolean): void
  clear(): void
}

/** The request log. Entries are taken in once per animation frame, however many there are. */
export const useExchanges = create<ExchangesState>((set, get) => ({
  log: new ExchangeLog(),
  version: 0,
  loaded: false,
  filter: NO_FILTER,
  selected: null,
  pausedAt: null,
  setFilter: (change) => {
    const filter = { ...get().filter, ...change }
    get().log.filter(filter)
    set(({ version, pausedAt, log }) => ({
      filter,
      version: version + 1,
      pausedAt: pausedAt === null ? null : log.rows.length,
    }))
  },
  select: (selected) => set({ selected }),
  setPaused: (paused) => set({ pausedAt: paused ? get().log.rows.length : null }),
  clear: () => {
    get().log.clear()
    set(({ version, pausedAt }) => ({ version: version + 1, selected: null, pausedAt: pausedAt === null ? null : 0 }))
  },
}))

/** Keeps the log fed for as long as the page lives. @returns the function that ends it */
export function feedExchanges(): () => void {
  let waiting: ExchangeEntry[] = []
  let frame = 0

  function flush(): void {
    frame = 0
    const batch = waiting
    waiting = []
    const { log, pausedAt } = useExchanges.getState()
    const before = log.dropped
    log.append(batch)
    useExchanges.setState(({ version }) => ({
      version: version + 1,
      pausedAt: pausedAt === null ? null : Math.max(0, pausedAt - (log.dropped - before)),
    }))
  }

  const endEvents = on('exchange', (entry) => {
    waiting.push(entry)
    if (waiting.length >= LARGEST_BATCH) flush()
    else if (frame === 0) frame = requestAnimationFrame(flush)
  })
  const endConnection = whenConnected(() => void remember())
  return () => {
    cancelAnimationFrame(frame)
    endEvents()
    endConnection()
  }
}

/** What ended before this page was there. Without an answer the log stays as it is: the next connection asks again. */
async function remember(): Promise<void> {
  const entries = await call('exchanges.list', { limit: REMEMBERED }).catch(() => [])
  const { log } = useExchanges.getState()
  log.merge(entries)
  useExchanges.setState(({ version }) => ({ version: version + 1, loaded: true }))
}
