import { Share2 } from 'lucide-react'
import { Mark } from '../../components/mark.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { useSharableApps, useShares } from '../../stores/share.js'
import { useTunnels } from '../../stores/tunnels.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { EndedShare } from './ended-share.js'
import { liveTunnels } from './services-look.js'
import { ServicesSection } from './services-section.js'
import { ShareCard } from './share-card.js'
import { isLive, sharedApps } from './share-look.js'
import { WaysList } from './ways-list.js'

const text = strings.share

/** The apps that are shown outside, those that were, and by what apps can be shared. */
export function ShareScreen() {
  const { data: shares, fault, refresh } = useShares()
  const live = shares?.filter(isLive) ?? []
  const ended = shares?.filter((share) => !isLive(share)) ?? []
  const names = sharedApps(live)
  const served = liveTunnels(useTunnels().data ?? []).length > 0
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.share}</h1>
        {shares !== null && shares.length > 0 && (
          <>
            {(names.length > 0 || !served) && (
              <Mark shape={names.length > 0 ? 'arrow' : 'ring'} tone={names.length > 0 ? 'info' : 'faint'}>
                {text.summary(names.length)}
              </Mark>
            )}
            <span className="push">
              <ShareAnApp />
            </span>
          </>
        )}
      </header>
      <div className="scroll">
        <div className="page share">
          {shares === null && fault === null && <Skeleton />}
          {shares === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
          {shares?.length === 0 && <Nothing />}
          {live.length > 0 && (
            <ul className="share-list" aria-label={text.live}>
              {live.map((share) => (
                <ShareCard key={share.id} share={share} />
              ))}
            </ul>
          )}
          {ended.length > 0 && (
            <section aria-label={text.ended}>
              <h2>{text.ended}</h2>
              <ul className="store-list ended-list" aria-label={text.ended}>
                {ended.map((share) => (
                  <EndedShare key={share.id} share={share} />
                ))}
              </ul>
            </section>
          )}
          <ServicesSection />
          <WaysList />
        </div>
      </div>
    </div>
  )
}

/** What sharing does, before anything was shared. */
function Nothing() {
  return (
    <section className="share-nothing">
      <h2>{text.empty.title}</h2>
      <p className="soft">{text.empty.text}</p>
      <div>
        <ShareAnApp />
      </div>
    </section>
  )
}

function ShareAnApp() {
  const show = useUi((state) => state.show)
  const apps = useSharableApps()
  return (
    <button
      type="button"
      className="button primary"
      disabled={apps.length === 0}
      title={apps.length === 0 ? text.empty.noApps : undefined}
      onClick={() => show({ kind: 'share', app: null, replaces: null })}
    >
      <Share2 className="icon" />
      {text.shareAnApp}
    </button>
  )
}
