import { call } from '../../bridge.js'
import { formatExact, formatRelative } from '../../format.js'
import { usePanelSessions } from '../../stores/feeds.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'

const text = strings.settings

/** The browsers that may use the panel, each to be shut out by one click. */
export function PanelSessions() {
  const { data, refresh } = usePanelSessions()
  if (data === null) return null
  const revoke = (id: string) =>
    attempt(async () => {
      await call('panel.revoke', { id })
      await refresh()
    })
  return (
    <section>
      <h2>{text.sessions}</h2>
      {data.length === 0 && <p className="soft">{text.noSessions}</p>}
      <ul className="ports">
        {data.map(({ id, client, userAgent, lastSeenAt }) => (
          <li key={id}>
            <span className="what">
              <span>
                {client},{' '}
                <span title={formatExact(lastSeenAt)}>{text.lastSeen(formatRelative(lastSeenAt, Date.now()))}</span>
              </span>
              <span className="faint" title={userAgent}>
                {userAgent}
              </span>
            </span>
            <button type="button" className="button small" onClick={() => void revoke(id)}>
              {strings.actions.revoke}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
