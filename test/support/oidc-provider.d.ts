/** What the tests use of a library that comes without types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  export default class Provider {
    constructor(issuer: string, configuration: object)
    on(event: 'grant.success' | 'grant.error', listener: (context: GrantContext) => void): this
    callback(): RequestListener
  }

  export interface GrantContext {
    oidc: { params?: { grant_type?: string } }
  }
}
