import type { ProxyStats, ProxyView, ProxyWish, RelayStatus, TokenMade, TokenView, TokenWish } from './relay-schemas.js'

/** What an operator can ask of a relay: of one that runs, or of the files of one that does not. */
export interface RelayAdmin {
  createToken(wish: TokenWish): Promise<TokenMade>
  listTokens(): Promise<TokenView[]>
  /** Ends the connections that were made with it. */
  revokeToken(id: string): Promise<TokenView>
  createProxy(wish: ProxyWish): Promise<ProxyView>
  listProxies(): Promise<ProxyView[]>
  deleteProxy(id: string): Promise<ProxyView>
  proxyStats(): Promise<ProxyStats[]>
  status(): Promise<RelayStatus>
}
