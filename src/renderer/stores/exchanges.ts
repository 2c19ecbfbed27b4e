import { create } from 'zustand'
import type { ExchangeEntry } from '../../shared/contract.js'
import { breathe, startSlice } from '../breathe.js'
import { callForMany, on } from '../bridge.js'
import { whenConnected } from './connection.js'
import { type ExchangeFilter, exchangeFilterSchema, NO_FILTER } from './exchange-filter.js'
import { ExchangeLog } from './exchange-log.js'
import { recall, remember } from './remembered.js'

const REMEMBERED = 10_000
/** A hidden page draws no frames; what waits for one is taken in anyway from this many on. */
const LARGEST_BATCH = 5_000
/** More than this in one frame nobody reads: the next ones are taken in with the frame after a pause of so many ms. */
const READABLE_BATCH = 8
const BUSY_PAUSE_MS = 100

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

/** The request log. Entries are taken in once per animation frame, however many there are. The filter is remembered. */
export const useExchanges = create<ExchangesState>((set, get) => ({
  log: new ExchangeLog(),
  version: 0,
  loaded: false,
  filter: recall('requests.filter', exchangeFilterSchema, NO_FILTER),
  selected: null,
  pausedAt: null,
  setFilter: (change) => {
    const filter = { ...get().filter, ...change }
    // Soon nothing of that time is left.
    remember('requests.filter', { ...filter, from: 0, to: 0 })
    set({ filter })
    get().log.filter(filter)
    void takeIn()
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
  let pause: ReturnType<typeof setTimeout> | undefined

  function schedule(): void {
    pause = undefined
    if (waiting.length > 0 && frame === 0) frame = requestAnimationFrame(flush)
  }

  function flush(): void {
    frame = 0
    const batch = waiting
    waiting = []
    if (batch.length > READABLE_BATCH) pause ??= setTimeout(schedule, BUSY_PAUSE_MS)
    const { log, pausedAt } = useExchanges.getState()
    const before = log.dropped
    log.append(batch)
    useExchanges.setState(({ version }) => ({
      version: version + 1,
      pausedAt: pausedAt === null ? null : Math.max(0, pausedAt - (log.dropped - before)),
    }))
  }

  const { log, filter } = useExchanges.getState()
  log.filter(filter)
  void takeIn()
  const endEvents = on('exchange', (entry) => {
    waiting.push(entry)
    if (waiting.length >= LARGEST_BATCH) flush()
    else if (pause === undefined) schedule()
  })
  const endConnection = whenConnected(() => void loadRemembered())
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(pause)
    endEvents()
    endConnection()
  }
}

/** What ended before this page was there. Without an answer the log stays as it is: the next connection asks again. */
async function loadRemembered(): Promise<void> {
  const entries = await callForMany('exchanges.list', { limit: REMEMBERED }).catch(() => [])
  useExchanges.getState().log.merge(entries)
  await takeIn()
  useExchanges.setState({ loaded: true })
}

let takingIn = false

/** Brings the rows up to date with the filter, a slice at a time; a short log is done at once. */
async function takeIn(): Promise<void> {
  if (takingIn) return
  takingIn = true
  const { log } = useExchanges.getState()
  while (!log.select(startSlice())) await breathe()
  takingIn = false
  useExchanges.setState(({ version, pausedAt }) => ({
    version: version + 1,
    pausedAt: pausedAt === null ? null : log.rows.length,
  }))
}
