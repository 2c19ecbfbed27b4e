import { useEffect, useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { ExchangeDetail } from '../../../shared/window-schemas.js'
import { call } from '../../bridge.js'

/** What the engine has kept of an exchange: null when it keeps it no more, undefined while it is being asked. */
export function useExchangeDetail(id: string): { detail: ExchangeDetail | null | undefined; fault: Fault | null } {
  const [detail, setDetail] = useState<ExchangeDetail | null | undefined>(undefined)
  const [fault, setFault] = useState<Fault | null>(null)
  useEffect(() => {
    let wanted = true
    call('exchange.get', { id }).then(
      (found) => wanted && setDetail(found),
      (error: unknown) => wanted && setFault(Fault.of(error)),
    )
    return () => {
      wanted = false
    }
  }, [id])
  return { detail, fault }
}
