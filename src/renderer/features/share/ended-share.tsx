import { RotateCw, X } from 'lucide-react'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import { Mark } from '../../components/mark.js'
import { formatExact, formatRelative } from '../../format.js'
import { strings } from '../../strings.js'
import { HintText } from './hint-text.js'
import { dismissShare, shareAgain } from './share-actions.js'
import { shareLook } from './share-look.js'
import { viaName } from './share-ways.js'

const text = strings.share

/** An app that was shown outside: why it is not any more, and the way back. */
export function EndedShare({ share }: { share: ShareStatus }) {
  const { app, url, via, reason, startedAt } = share
  const { shape, tone, word } = shareLook(share)
  return (
    <li aria-label={app}>
      <Mark shape={shape} tone={tone}>
        <span className="hidden-text">{word}</span>
        <strong>{app}</strong>
      </Mark>
      <span className="what">
        {reason !== null && (
          <span>
            {reason.message}{' '}
            {reason.hint !== undefined && (
              <span className="soft">
                <HintText text={reason.hint} />
              </span>
            )}
          </span>
        )}
        <span className="faint" title={formatExact(startedAt)}>
          {url?.replace('https://', '') ?? text.by(viaName(via))} ·{' '}
          {text.startedAt(formatRelative(startedAt, Date.now()))}
        </span>
      </span>
      <span className="tools">
        <button type="button" className="button small" onClick={() => void shareAgain(share)}>
          <RotateCw className="icon" />
          {text.again}
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={`${strings.actions.dismiss} ${app}`}
          title={strings.actions.dismiss}
          onClick={() => void dismissShare(share)}
        >
          <X className="icon" />
        </button>
      </span>
    </li>
  )
}
