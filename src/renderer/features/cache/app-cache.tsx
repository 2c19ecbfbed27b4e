import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { AppCache, CachePurgeParams } from '../../../shared/cache-schemas.js'
import type { AppStatus } from '../../../shared/contract.js'
import { call } from '../../bridge.js'
import { FaultNote } from '../../components/states.js'
import { formatBytes, formatCount } from '../../format.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'
import { hasCache, hitPercent, purgeOf } from './cache-words.js'
import { CachedAnswers } from './cached-answers.js'
import { useAppCache } from './use-app-cache.js'

const text = strings.cache

/** What an app's cache keeps, how often it could answer, and how to make it forget; nothing for an app without one. */
export function AppCacheSection({ app: { name, app } }: { app: AppStatus }) {
  return hasCache(app) ? <Kept app={name} /> : null
}

function Kept({ app }: { app: string }) {
  const { cache, at, fault, refresh } = useAppCache(app)
  const purge = (what: CachePurgeParams) =>
    attempt(async () => {
      const { removed } = await call('cache.purge', { ...what, app })
      useToasts.getState().show({ message: text.purged(removed), tone: 'plain' })
      await refresh()
    })
  if (cache === null) return fault === null ? null : <FaultNote fault={fault} retry={() => void refresh()} />
  return (
    <section className="cache" aria-label={text.title}>
      <header>
        <h3>{text.title}</h3>
        <button
          type="button"
          className="button small push"
          disabled={cache.entries === 0}
          onClick={() => void purge({})}
        >
          <Trash2 className="icon" />
          {text.purgeAll}
        </button>
      </header>
      <Figures cache={cache} />
      {cache.entries === 0 ? (
        <p className="soft">
          {text.none} {text.noneText}
        </p>
      ) : (
        <>
          <CachedAnswers cache={cache} at={at} onPurge={(url) => void purge({ url })} />
          <PurgeField onPurge={(what) => void purge(what)} />
        </>
      )}
    </section>
  )
}

function Figures({ cache }: { cache: AppCache }) {
  const { entries, memoryBytes, diskBytes, hits, misses } = cache
  const percent = hitPercent(cache)
  const kept = [
    text.answers(formatCount(entries), entries === 1),
    text.memory(formatBytes(memoryBytes)),
    ...(diskBytes > 0 ? [text.disk(formatBytes(diskBytes))] : []),
  ]
  return (
    <dl className="facts">
      <dt>{text.kept}</dt>
      <dd>{kept.join(' · ')}</dd>
      <dt>{text.hits}</dt>
      <dd>
        {percent === null ? (
          <span className="soft">{text.notAsked}</span>
        ) : (
          text.ratio(percent, formatCount(hits), formatCount(hits + misses))
        )}
      </dd>
    </dl>
  )
}

/** Purges what is typed. */
function PurgeField({ onPurge }: { onPurge(what: CachePurgeParams): void }) {
  const [typed, setTyped] = useState('')
  const what = purgeOf(typed)
  return (
    <form
      className="cache-purge"
      onSubmit={(event) => {
        event.preventDefault()
        if (what === null) return
        onPurge(what)
        setTyped('')
      }}
    >
      <input
        className="input"
        aria-label={text.place}
        placeholder={text.place}
        spellCheck={false}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
      <button type="submit" className="button" disabled={what === null}>
        {text.purge}
      </button>
    </form>
  )
}
