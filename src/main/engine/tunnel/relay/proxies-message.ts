import { formatAuthority } from '../../../../shared/hostname.js'
import type { RelayMessage } from '../control-messages.js'
import { MAX_CONTROL } from '../frames.js'
import type { ProxyRecord } from './relay-schemas.js'

/** What tells an agent of its proxies: as many of them as a control frame holds. */
export function fittingProxies(records: readonly ProxyRecord[]): Extract<RelayMessage, { type: 'proxies' }> {
  const proxies = records.map(({ id, address, localPort, remoteHost, remotePort }) => {
    return { id, address: formatAuthority(address, localPort), remoteHost, remotePort }
  })
  let room = MAX_CONTROL - Buffer.byteLength(JSON.stringify({ type: 'proxies', proxies: [] }))
  const most = proxies.findIndex((proxy) => {
    room -= Buffer.byteLength(JSON.stringify(proxy)) + 1
    return room < 0
  })
  return { type: 'proxies', proxies: most === -1 ? proxies : proxies.slice(0, most) }
}
