import { ArrowLeftRight, ExternalLink, Lock, SlidersHorizontal, Square } from 'lucide-react'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { Mark } from '../../components/mark.js'
import { QrCode } from '../../components/qr-code.js'
import { formatExact } from '../../format.js'
import { NO_FILTER } from '../../stores/exchange-filter.js'
import { useExchanges } from '../../stores/exchanges.js'
import { useSharing } from '../../stores/share.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { useNow } from '../../use-now.js'
import { ReasonNote } from './reason-note.js'
import { stopShare } from './share-actions.js'
import { ShareFigures } from './share-figures.js'
import { endsIn, shareLook } from './share-look.js'
import { viaName } from './share-ways.js'
import { useFocusWhenNew } from './use-focus-when-new.js'

const text = strings.share

/** An app that is shown outside: where, by what, for how long and to whom, and what passes. */
export function ShareCard({ share }: { share: ShareStatus }) {
  const { app, via, stats } = share
  const { shape, tone, word } = shareLook(share)
  const show = useUi((state) => state.show)
  const card = useFocusWhenNew(share.id)
  return (
    <li ref={card} className="share-card" tabIndex={-1} aria-label={app}>
      <header>
        <h2>{app}</h2>
        <span role="status">
          <Mark shape={shape} tone={tone}>
            {word}
          </Mark>
        </span>
        <span className="soft facts-line">
          <span>{text.by(viaName(via))}</span>
          <Countdown expiresAt={share.expiresAt} />
        </span>
        <span className="tools push">
          <button type="button" className="button small" onClick={() => show({ kind: 'share', app, replaces: share })}>
            <SlidersHorizontal className="icon" />
            {text.change}
          </button>
          <button type="button" className="button small" onClick={() => void stopShare(share)}>
            <Square className="icon" />
            {text.stop}
          </button>
        </span>
      </header>
      <div className="share-body">
        {share.url === null ? <div className="qr-code" /> : <QrCode text={share.url} label={text.code(share.url)} />}
        <div className="share-facts">
          <Address share={share} />
          {share.reason !== null && <ReasonNote reason={share.reason} />}
          <Visitors share={share} />
          <ShareFigures stats={stats} hasLatency={via.kind === 'relay'} />
          <div>
            <button type="button" className="button small" onClick={() => showRequestsOf(app)}>
              <ArrowLeftRight className="icon" />
              {text.traffic}
            </button>
          </div>
        </div>
      </div>
    </li>
  )
}

function Address({ share: { app, url } }: { share: ShareStatus }) {
  if (url === null) return <p className="soft">{text.noAddress}</p>
  return (
    <div className="share-url">
      <a href={`${url}/`} target="_blank" rel="noreferrer" title={strings.actions.open(url)}>
        {url}
      </a>
      <CopyButton text={url} what={text.address(app)} />
      <a
        className="icon-button"
        href={`${url}/`}
        target="_blank"
        rel="noreferrer"
        aria-label={strings.actions.open(url)}
        title={strings.actions.open(url)}
      >
        <ExternalLink className="icon" />
      </a>
    </div>
  )
}

/** Who is let in; of a password that was given in this window, the password. */
function Visitors({ share }: { share: ShareStatus }) {
  const { id, app, user } = share
  const show = useUi((state) => state.show)
  const password = useSharing(({ passwords }) => passwords.get(id))
  if (user === null) {
    return (
      <div className="share-visitors">
        <Mark shape="triangle" tone="warn">
          {text.everybody}
        </Mark>
        <button type="button" className="button small" onClick={() => show({ kind: 'share', app, replaces: share })}>
          <Lock className="icon" />
          {text.setPassword}
        </button>
      </div>
    )
  }
  return (
    <div className="share-visitors">
      <Lock className="icon" />
      <span>{text.asked(user)}</span>
      {password !== undefined && (
        <span className="share-secret">
          <code>{password}</code>
          <CopyButton text={password} what={text.password(app)} />
        </span>
      )}
    </div>
  )
}

function Countdown({ expiresAt }: { expiresAt: string | null }) {
  const now = useNow(expiresAt !== null)
  return (
    <span title={expiresAt === null ? undefined : formatExact(expiresAt)}>
      {endsIn(expiresAt, now) ?? text.endsIn.never}
    </span>
  )
}

function showRequestsOf(app: string): void {
  const { setFilter, select } = useExchanges.getState()
  setFilter({ ...NO_FILTER, app })
  select(null)
  useUi.getState().go('requests')
}
