import path from 'node:path'
import { Fault } from '../../../../shared/fault.js'
import { JsonStore } from './json-store.js'
import { judgeProxy } from './judge-proxy.js'
import { findProxy, proxyOf, viewOfProxy } from './proxies.js'
import type { RelayAdmin } from './relay-admin.js'
import { PROXIES_FILE, TOKENS_FILE } from './relay-files.js'
import {
  type ProxyRecord,
  type ProxyView,
  type ProxyWish,
  proxyRecordSchema,
  type TokenMade,
  type TokenView,
  type TokenWish,
} from './relay-schemas.js'
import { TokenStore, viewOfToken } from './token-store.js'

/** What is kept of a relay that does not run: what is changed applies when it is started. */
export class KeptRelay implements RelayAdmin {
  readonly #tokens: TokenStore
  readonly #proxies: JsonStore<ProxyRecord>

  /**
   * @param dataDir absolute; for changes, the caller holds its lock
   * @throws Fault `config-unreadable`
   */
  static async open(dataDir: string): Promise<KeptRelay> {
    const tokens = await TokenStore.open(path.join(dataDir, TOKENS_FILE))
    return new KeptRelay(tokens, await JsonStore.open(path.join(dataDir, PROXIES_FILE), proxyRecordSchema))
  }

  private constructor(tokens: TokenStore, proxies: JsonStore<ProxyRecord>) {
    this.#tokens = tokens
    this.#proxies = proxies
  }

  createToken(wish: TokenWish): Promise<TokenMade> {
    return this.#tokens.create(wish)
  }

  async listTokens(): Promise<TokenView[]> {
    return this.#tokens.records.map(viewOfToken)
  }

  async revokeToken(id: string): Promise<TokenView> {
    return viewOfToken(await this.#tokens.revoke(id))
  }

  async createProxy(wish: ProxyWish): Promise<ProxyView> {
    if (wish.local_port === 0) {
      throw new Fault('bad-request', 'Only a relay that runs can tell which ports are free.', 'Name a local port.')
    }
    const record = proxyOf(wish)
    await this.#proxies.change((records) => {
      const fault = judgeProxy(record, records, this.#tokens.records, Date.now())
      if (fault !== null) throw fault
      return [...records, record]
    })
    return viewOfProxy(record)
  }

  async listProxies(): Promise<ProxyView[]> {
    return this.#proxies.entries.map(viewOfProxy)
  }

  async deleteProxy(id: string): Promise<ProxyView> {
    const record = findProxy(this.#proxies.entries, id)
    await this.#proxies.change((records) => records.filter((one) => one !== record))
    return viewOfProxy(record)
  }

  async proxyStats(): Promise<never> {
    throw relayNotRunning()
  }

  async status(): Promise<never> {
    throw relayNotRunning()
  }
}

export function relayNotRunning(): Fault {
  const hint = 'Start one with: portico relay serve --listen HOST:PORT'
  return new Fault('not-running', 'No relay is running with this data directory.', hint)
}
