import { useCallback, useEffect, useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { SystemOutcome, SystemPlan, SystemWish } from '../../../shared/system-schemas.js'
import { call } from '../../bridge.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useSystem } from '../../stores/feeds.js'

interface Seen {
  plan: SystemPlan | null
  outcome: SystemOutcome | null
  fault: Fault | null
  /** it is being planned or done */
  busy: 'planning' | 'applying' | null
}

/** A change of the machine's settings: first its plan, then, when that was agreed to, its outcome. */
export function useSystemChange({ group, action, setting }: SystemWish) {
  const { refresh } = useSystem()
  const changed = useChangeDialog((state) => state.changed)
  const [seen, setSeen] = useState<Seen>({ plan: null, outcome: null, fault: null, busy: 'planning' })
  const told = useCallback(
    (): SystemWish => ({ group, action, ...(setting === undefined ? {} : { setting }) }),
    [group, action, setting],
  )
  const look = useCallback(() => {
    let open = true
    const tell = (part: Partial<Seen>) =>
      open && setSeen({ plan: null, outcome: null, fault: null, busy: null, ...part })
    tell({ busy: 'planning' })
    call('system.plan', told()).then(
      (plan) => tell({ plan }),
      (error: unknown) => tell({ fault: Fault.of(error) }),
    )
    return () => {
      open = false // nobody waits for the answer any more
    }
  }, [told])
  useEffect(look, [look])
  const apply = async (plan: SystemPlan) => {
    setSeen({ plan, outcome: null, fault: null, busy: 'applying' })
    try {
      const outcome = await call('system.apply', { ...told(), id: plan.id })
      setSeen({ plan, outcome, fault: null, busy: null })
      changed()
    } catch (error) {
      setSeen({ plan: null, outcome: null, fault: Fault.of(error), busy: null })
    }
    await refresh()
  }
  return { ...seen, replan: () => void look(), apply: () => seen.plan !== null && void apply(seen.plan) }
}
