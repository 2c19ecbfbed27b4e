import type { Config } from '../../shared/config.js'
import type { Listener, Problem } from '../../shared/contract.js'
import { remoteHttpsPortOf } from '../../shared/https-port.js'
import type { Snapshot } from './gateway/snapshot.js'
import { isLocalName, localNames } from './local-names.js'
import { MdnsResponder } from './mdns/mdns-responder.js'
import type { NetworkAddress } from './network-addresses.js'
import { Phones, type PhonesOptions } from './phones/phones.js'

export interface LanOptions {
  config(): Config
  snapshot(): Snapshot
  /** that are open now */
  listeners(): readonly Listener[]
  authority: PhonesOptions['authority']
  /** of this machine, as they are now */
  addresses(): NetworkAddress[]
  /** called when `warnings` may have changed */
  changed(): void
}

/** What other machines of the network get of this one: the apps at their `.local` names, and the phones' page. */
export class Lan {
  readonly phones: Phones
  readonly #options: LanOptions
  readonly #mdns: MdnsResponder

  constructor(options: LanOptions) {
    const { config, snapshot, authority, addresses } = options
    this.#options = options
    this.#mdns = new MdnsResponder(addresses, options.changed)
    this.phones = new Phones({
      authority,
      addresses,
      lan: () => config().lan,
      apps: () => this.#apps(),
      names: () => (config().lan.enabled ? localNames(snapshot()) : []),
    })
  }

  get warnings(): Problem[] {
    return this.#mdns.warnings
  }

  /** The further host of an app, and the port at which the network reaches it; null where LAN mode gives it none. */
  placeOf(app: string): { host: string; port: number | null } | null {
    const host = this.#options.snapshot().table.apps.find(({ name }) => name === app)?.lanHost ?? null
    return host === null ? null : { host, port: this.#httpsPort() }
  }

  /** Takes over the config in use. @param serving false while the gateway is turned off */
  async apply(serving: boolean): Promise<void> {
    const { config, snapshot, listeners } = this.#options
    const { enabled, mdns } = config().lan
    if (!serving) await this.phones.close()
    const families = [...new Set(listeners().map(({ address }) => (address.includes(':') ? 6 : 4)))] as (4 | 6)[]
    await this.#mdns.apply({ enabled: serving && enabled && mdns, names: localNames(snapshot()), families })
  }

  /** For good: the network is told that the names are gone. */
  async close(): Promise<void> {
    await Promise.all([this.phones.end(), this.#mdns.close()])
  }

  #apps(): { name: string; url: string }[] {
    const port = this.#httpsPort()
    if (!this.#options.config().lan.enabled || port === null) return []
    const suffix = port === 443 ? '' : `:${port}`
    return this.#options
      .snapshot()
      .table.apps.filter(({ enabled }) => enabled)
      .flatMap(({ name, lanHost, hosts }) => {
        const host = lanHost ?? hosts.find(isLocalName)
        return host === undefined ? [] : [{ name, url: `https://${host}${suffix}/` }]
      })
  }

  #httpsPort(): number | null {
    return remoteHttpsPortOf(this.#options.listeners())
  }
}
