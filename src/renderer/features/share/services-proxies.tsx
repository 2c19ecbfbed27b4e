import type { TunnelProxy, TunnelStatus } from '../../../shared/tunnel-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { Mark } from '../../components/mark.js'
import { formatBytes, formatCount, formatMs } from '../../format.js'
import { strings } from '../../strings.js'
import { allowTarget } from './services-actions.js'
import { capitalised, relayHost, targetOf } from './services-look.js'

const text = strings.services

/** The ports of a relay that lead here: what they lead to, whether that is allowed, and what passes. */
export function ServicesProxies({ tunnel }: { tunnel: TunnelStatus }) {
  const { proxies, relay, agent, state } = tunnel
  if (proxies.length === 0) return state === 'connected' ? <NoProxies agent={agent ?? ''} /> : null
  const label = text.proxies(relayHost(relay))
  const { address, target, users, in: received, out, connect } = text.columns
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="proxies-frame" aria-label={label} tabIndex={0}>
      <table className="table proxies" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{address}</th>
            <th scope="col">{target}</th>
            <th scope="col">{users}</th>
            <th scope="col" className="number">
              {received}
            </th>
            <th scope="col" className="number">
              {out}
            </th>
            <th scope="col" className="number">
              {connect}
            </th>
          </tr>
        </thead>
        <tbody>
          {proxies.map((proxy) => (
            <ProxyRow key={proxy.id} proxy={proxy} relay={relay} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function ProxyRow({ proxy, relay }: { proxy: TunnelProxy; relay: string }) {
  const { address, open, total, failed, bytesIn, bytesOut, connectMs } = proxy
  return (
    <tr>
      <td>
        <code>{address}</code>
      </td>
      <td>
        <code>{targetOf(proxy)}</code>
        <Verdict proxy={proxy} relay={relay} />
      </td>
      <td>
        {total === 0 ? text.nobody : text.users(formatCount(open), formatCount(total))}
        {failed > 0 && <div className="soft">{text.failed(formatCount(failed))}</div>}
      </td>
      <td className="number">{formatBytes(bytesIn)}</td>
      <td className="number">{formatBytes(bytesOut)}</td>
      <td className="number">{connectMs === null ? text.unknown : formatMs(connectMs)}</td>
    </tr>
  )
}

function Verdict({ proxy, relay }: { proxy: TunnelProxy; relay: string }) {
  const target = targetOf(proxy)
  const { refusal } = proxy
  if (refusal === null) {
    return (
      <div className="verdict">
        <Mark shape="disc" tone="good">
          {text.mayReach}
        </Mark>
      </div>
    )
  }
  return (
    <div className="verdict">
      <Mark shape="square" tone="bad">
        {text.refused}
      </Mark>
      {!refusal.guarded && (
        <button
          type="button"
          className="button small"
          aria-label={text.allowTarget(target)}
          onClick={() => void allowTarget(relay, target)}
        >
          {text.allow}
        </button>
      )}
      <span className="soft">
        {capitalised(refusal.reason)}. {refusal.guarded && text.guarded}
      </span>
    </div>
  )
}

function NoProxies({ agent }: { agent: string }) {
  const command = text.command(agent)
  return (
    <div className="no-proxies">
      <p className="soft">{text.noProxies}</p>
      <p>
        <code>{command}</code>
        <CopyButton text={command} what={text.theCommand} />
      </p>
    </div>
  )
}
