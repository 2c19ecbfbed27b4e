import { Share2 } from 'lucide-react'
import { useSharing } from '../../stores/share.js'
import { strings } from '../../strings.js'
import { shareApp } from './share-actions.js'

const text = strings.share

/** Shares an app by one click. */
export function ShareButton({ app }: { app: string }) {
  const isBusy = useSharing(({ pending }) => pending.has(app))
  return (
    <button type="button" className="button small" aria-disabled={isBusy} onClick={() => void shareApp(app)}>
      <Share2 className="icon" />
      {isBusy ? text.sharing : text.share}
    </button>
  )
}

/** The same in the row of an app. */
export function ShareIconButton({ app }: { app: string }) {
  const isBusy = useSharing(({ pending }) => pending.has(app))
  return (
    <button
      type="button"
      className="icon-button above"
      aria-label={text.shareApp(app)}
      title={text.shareApp(app)}
      aria-disabled={isBusy}
      onClick={() => void shareApp(app)}
    >
      <Share2 className="icon" />
    </button>
  )
}
