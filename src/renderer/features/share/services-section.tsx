import { FaultNote } from '../../components/states.js'
import { useShareWays } from '../../stores/share.js'
import { useTunnels } from '../../stores/tunnels.js'
import { strings } from '../../strings.js'
import { askServices } from './services-actions.js'
import { ServicesCard } from './services-card.js'
import { relayHost, type ServedRelay, servedRelays } from './services-look.js'

const text = strings.services

/** For each relay, whether and which TCP services its users reach here. */
export function ServicesSection() {
  const { data: ways } = useShareWays()
  const { data: tunnels, fault, refresh } = useTunnels()
  if (fault !== null) return <FaultNote fault={fault} retry={() => void refresh()} />
  if (ways === null || tunnels === null) return null
  const relays = servedRelays(ways, tunnels)
  const isOpen = tunnels.length > 0
  return (
    <section aria-label={text.title}>
      <h2>{text.title}</h2>
      {!isOpen && <p className="soft">{relays.length > 0 ? text.lead : `${text.lead} ${text.noRelay}`}</p>}
      {relays.length > 0 && (
        <ul className="services-list" aria-label={text.title}>
          {relays.map((relay) =>
            relay.tunnel === null ? (
              <Closed key={relay.url} relay={relay} />
            ) : (
              <ServicesCard key={relay.url} tunnel={relay.tunnel} saved={relay.saved} />
            ),
          )}
        </ul>
      )}
    </section>
  )
}

function Closed({ relay: { url } }: { relay: ServedRelay }) {
  const host = relayHost(url)
  return (
    <li className="services-closed" aria-label={host}>
      <span className="what">
        <span>{host}</span>
        <span className="soft reason">{text.closed}</span>
      </span>
      <button type="button" className="button small" onClick={() => askServices(url)}>
        {text.connect}
      </button>
    </li>
  )
}
