import { useCallback, useEffect, useRef, useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { TrustAction, TrustOutcome, TrustPlan } from '../../../shared/trust-schemas.js'
import { call } from '../../bridge.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useTrust } from '../../stores/feeds.js'

export interface TrustChange {
  /** the stores that the action would change; of those only the chosen ones are in the plan */
  offered: readonly { id: string; title: string }[]
  chosen: ReadonlySet<string>
  plan: TrustPlan | null
  outcome: TrustOutcome | null
  fault: Fault | null
  /** it is being planned or done */
  busy: 'planning' | 'applying' | null
  choose(id: string, wanted: boolean): void
  /** Makes the plan anew. */
  replan(): void
  /** Does exactly what the plan says. */
  apply(): void
}

/**
 * A change of the trust stores: first its plan, then, when that was agreed to, its outcome.
 *
 * @param stores ids; all that are not optional when left out
 */
export function useTrustChange(action: TrustAction, stores: readonly string[] | undefined): TrustChange {
  const { refresh } = useTrust()
  const changed = useChangeDialog((dialog) => dialog.changed)
  const [state, setState] = useState<Seen>(NOTHING)
  const latest = useRef(0)

  const ask = useCallback(
    async (selection: readonly string[] | undefined) => {
      const turn = ++latest.current
      const tell = (part: Partial<Seen>) => turn === latest.current && setState((seen) => ({ ...seen, ...part }))
      tell({ busy: 'planning', fault: null })
      try {
        const plan = await call('trust.plan', { action, ...selected(selection) })
        tell({ plan, selection, busy: null, ...(selection === stores ? asOffered(plan) : {}) })
      } catch (error) {
        tell({ plan: null, fault: Fault.of(error), busy: null })
      }
    },
    [action, stores],
  )
  useEffect(() => {
    void ask(stores)
    return () => {
      latest.current += 1 // nobody waits for the answer any more
    }
  }, [ask, stores])

  const apply = async ({ id }: TrustPlan, selection: Seen['selection']) => {
    setState((seen) => ({ ...seen, busy: 'applying', fault: null }))
    try {
      const outcome = await call('trust.apply', { action, ...selected(selection), id })
      setState((seen) => ({ ...seen, outcome, busy: null }))
      changed()
    } catch (error) {
      setState((seen) => ({ ...seen, plan: null, fault: Fault.of(error), busy: null }))
    }
    await refresh()
  }

  const { plan, selection, offered, chosen } = state
  return {
    ...state,
    choose: (id, wanted) => {
      const next = offered.map((one) => one.id).filter((one) => (one === id ? wanted : chosen.has(one)))
      setState((seen) => ({ ...seen, chosen: new Set(next) }))
      if (next.length > 0) void ask(next)
    },
    replan: () => void ask(stores),
    apply: () => plan !== null && chosen.size > 0 && void apply(plan, selection),
  }
}

interface Seen extends Pick<TrustChange, 'offered' | 'chosen' | 'plan' | 'outcome' | 'fault' | 'busy'> {
  /** what the plan was made for */
  selection: readonly string[] | undefined
}

const NOTHING: Seen = {
  offered: [],
  chosen: new Set(),
  plan: null,
  selection: undefined,
  outcome: null,
  fault: null,
  busy: 'planning',
}

function asOffered({ stores }: TrustPlan): Pick<Seen, 'offered' | 'chosen'> {
  return { offered: stores.map(({ id, title }) => ({ id, title })), chosen: new Set(stores.map(({ id }) => id)) }
}

/** An empty selection stands for all stores. */
function selected(stores: readonly string[] | undefined): { stores?: string[] } {
  return stores === undefined || stores.length === 0 ? {} : { stores: [...stores] }
}
