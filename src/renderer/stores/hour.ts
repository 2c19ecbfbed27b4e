import { useCallback, useEffect, useRef, useState } from 'react'
import { Fault } from '../../shared/fault.js'
import type { BusyApp, History } from '../../shared/history-schemas.js'
import { call } from '../bridge.js'
import { whenConnected } from './connection.js'
import { untilNextStep } from './next-step.js'

const BUSIEST = 20

export interface Hourly<T> {
  /** null until the first answer; kept while disconnected */
  data: T | null
  fault: Fault | null
  refresh(): void
}

/** The last hour of one app. @param app its name; null for all together */
export function useHistory(app: string | null): Hourly<History> {
  const ask = useCallback(() => call('history', app === null ? {} : { app }), [app])
  return useHourly(ask)
}

/** The apps with the most requests in the last hour. */
export function useBusiest(): Hourly<BusyApp[]> {
  return useHourly(askBusiest)
}

function askBusiest(): Promise<BusyApp[]> {
  return call('history.apps', { limit: BUSIEST })
}

/**
 * What the engine says of the last hour, anew whenever one of its steps has ended; asked only while a component uses it
 * and the page is seen.
 *
 * @param ask the same function for as long as the question is the same
 */
function useHourly<T>(ask: () => Promise<T>): Hourly<T> {
  const [answer, setAnswer] = useState<Answer<T> | null>(null)
  const again = useRef(() => {})
  useEffect(() => {
    let wanted = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = async () => {
      clearTimeout(timer)
      if (document.visibilityState !== 'visible') return
      timer = setTimeout(() => void refresh(), untilNextStep(Date.now()))
      try {
        const data = await ask()
        if (wanted) setAnswer({ ask, data, fault: null })
      } catch (error) {
        if (wanted)
          setAnswer((before) => ({ ask, data: before?.ask === ask ? before.data : null, fault: Fault.of(error) }))
      }
    }
    const seen = () => void refresh()
    again.current = seen
    document.addEventListener('visibilitychange', seen)
    const endConnection = whenConnected(seen)
    return () => {
      wanted = false
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
      endConnection()
    }
  }, [ask])
  const current = answer?.ask === ask ? answer : null
  return { data: current?.data ?? null, fault: current?.fault ?? null, refresh: () => again.current() }
}

interface Answer<T> {
  /** the question */
  ask: () => Promise<T>
  data: T | null
  fault: Fault | null
}
