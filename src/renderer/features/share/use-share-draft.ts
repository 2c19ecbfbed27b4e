import { useState } from 'react'
import { Fault } from '../../../shared/fault.js'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import { useSharableApps, useShares, useShareWays } from '../../stores/share.js'
import { useShareChoices } from '../../stores/share-choices.js'
import { replaceShare, startShare } from './share-actions.js'
import { choiceOf, draftOf, nameProblem, passwordProblem, type ShareDraft } from './share-draft.js'
import { sharedApps } from './share-look.js'
import { firstChoice } from './share-ways.js'

/**
 * What the dialog holds, and what has become of it.
 *
 * @param app null to choose one
 * @param replaces the share that the new one takes the place of; null for none
 * @param onStarted is given the id of the new one
 */
export function useShareDraft(app: string | null, replaces: ShareStatus | null, onStarted: (id: string) => void) {
  const apps = useSharableApps()
  const { data: ways, fault, refresh } = useShareWays()
  const shared = sharedApps(useShares().data ?? [])
  const first = apps.find((name) => !shared.includes(name)) ?? apps[0]
  const [kept, setDraft] = useState(() => draftOf(app ?? first ?? '', replaces))
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Fault | null>(null)
  const draft: ShareDraft = {
    ...kept,
    app: kept.app === '' ? (first ?? '') : kept.app,
    via: firstChoice(ways ?? [], kept),
  }
  const problems = { name: nameProblem(draft), password: passwordProblem(draft) }
  const ready = draft.via !== null && draft.app !== ''

  async function submit(): Promise<void> {
    setTried(true)
    const { via, ask, password } = draft
    if (busy || via === null || !ready || problems.name !== null || problems.password !== null) return
    setBusy(true)
    setRefusal(null)
    const choice = choiceOf(draft)
    const start = () => startShare(draft.app, via, choice, ask ? password : null)
    try {
      const { id } = replaces === null ? await start() : await replaceShare(replaces, start)
      useShareChoices.getState().choose(draft.app, choice)
      onStarted(id)
    } catch (error) {
      setRefusal(Fault.of(error))
      setBusy(false)
    }
  }

  function change(part: Partial<ShareDraft>): void {
    // Each app was shared in its own way.
    if (part.app === undefined) setDraft((before) => ({ ...before, ...part }))
    else setDraft(draftOf(part.app, null))
    setRefusal(null)
  }

  const told = { ...problems, password: tried ? problems.password : null }
  return { draft, apps, ways, fault, refresh, problems: told, ready, busy, refusal, change, submit }
}
