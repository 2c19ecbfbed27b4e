import { List, Square } from 'lucide-react'
import type { ShareStatus } from '../../../shared/share-schemas.js'
import { Mark } from '../../components/mark.js'
import { strings } from '../../strings.js'
import { AppUrl } from '../apps/app-url.js'
import { showShare, stopShare } from './share-actions.js'
import { shareLook } from './share-look.js'

const text = strings.share

/** In the details of an app that is shown outside: where, and the button that ends it. */
export function AppShare({ share }: { share: ShareStatus }) {
  const { shape, tone, word } = shareLook(share)
  return (
    <section className="app-share" aria-label={text.chip}>
      <Mark shape={shape} tone={tone}>
        {word}
      </Mark>
      {share.url !== null && <AppUrl url={share.url} />}
      {share.reason !== null && <span className="soft">{share.reason.message}</span>}
      {share.user === null && <span className="soft">{text.everybody}</span>}
      <div className="tools">
        <button type="button" className="button small" onClick={() => showShare(share.id)}>
          <List className="icon" />
          {text.details}
        </button>
        <button type="button" className="button small" onClick={() => void stopShare(share)}>
          <Square className="icon" />
          {text.stop}
        </button>
      </div>
    </section>
  )
}
