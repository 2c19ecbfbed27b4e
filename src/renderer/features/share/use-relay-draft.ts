import { useState } from 'react'
import type { ShareRelay, ShareVia, ShareWay } from '../../../shared/share-schemas.js'
import { call } from '../../bridge.js'
import { useShareWays } from '../../stores/share.js'
import { missingOf, problemOf, type RelayField, type RelayProblem } from './relay-problems.js'

/** A relay as it is typed. */
export interface RelayDraft {
  url: string
  token: string
  ca: string
  /** whether the field of its authority is there */
  ownCa: boolean
}

/** What the form of a relay holds, and what has become of it. @param onSaved is given the new way */
export function useRelayDraft(onSaved: (via: ShareVia) => void) {
  const { data: before, refresh } = useShareWays()
  const [draft, setDraft] = useState<RelayDraft>({ url: '', token: '', ca: '', ownCa: false })
  const [problem, setProblem] = useState<RelayProblem | null>(null)
  const [busy, setBusy] = useState(false)

  async function save(): Promise<void> {
    if (busy) return
    const relay = relayOf(draft)
    const missing = missingOf(relay)
    setProblem(missing)
    if (missing !== null) return
    setBusy(true)
    try {
      const ways = await call('share.relay.save', relay)
      await refresh()
      onSaved(savedOf(ways, before ?? [], relay.url))
    } catch (error) {
      const found = problemOf(error)
      if (found.field === 'ca') setDraft((now) => ({ ...now, ownCa: true }))
      setProblem(found)
      setBusy(false)
    }
  }

  function change(part: Partial<RelayDraft>): void {
    setDraft((before) => ({ ...before, ...part }))
    if (problem !== null && problem.field in part) setProblem(null)
  }

  const problems = (field: RelayField) =>
    problem?.field === field ? [[problem.message, problem.hint].filter((part) => part !== undefined).join(' ')] : []
  return { draft, busy, change, problems, save }
}

function relayOf({ url, token, ca, ownCa }: RelayDraft): ShareRelay {
  const relay = { url: url.trim(), token: token.trim() }
  return ownCa && ca.trim() !== '' ? { ...relay, ca: ca.trim() } : relay
}

/** The engine writes an address in its own way: the new one is the one that was not there. */
function savedOf(ways: readonly ShareWay[], before: readonly ShareWay[], typed: string): ShareVia {
  const known = new Set(before.map((way) => (way.kind === 'relay' ? way.url : '')))
  const relays = ways.filter((way) => way.kind === 'relay')
  const saved = relays.find(({ url }) => !known.has(url)) ?? relays.find(({ url }) => url.startsWith(typed))
  return { kind: 'relay', url: saved?.url ?? typed }
}
