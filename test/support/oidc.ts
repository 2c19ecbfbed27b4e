import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type GrantContext } from 'oidc-provider'

export interface TestProvider {
  readonly issuer: string
  /** grant types that were asked for at the token endpoint, in order */
  readonly grants: string[]
  close(): Promise<void>
}

/**
 * A real OpenID provider, at which anybody can sign in under any name.
 *
 * @param origins of the apps, whose callbacks it accepts
 * @param accessSeconds how long access tokens are valid
 */
export async function startProvider(origins: string[], accessSeconds = 3_600): Promise<TestProvider> {
  const server = http.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
  const at = (path: string) => origins.map((origin) => `${origin}${path}`)
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'shop',
        client_secret: 'a secret of the shop',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: at('/.portico/oidc/callback'),
        post_logout_redirect_uris: at('/.portico/oidc/signed-out'),
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: id !== 'mallory', name: 'Ann Ünders' }),
    }),
    ttl: { AccessToken: accessSeconds },
    rotateRefreshToken: true,
    cookies: { keys: ['a key for the cookies of a test'] },
    pkce: { required: () => true },
  })
  const grants: string[] = []
  const heard = (context: GrantContext) => grants.push(context.oidc.params?.grant_type ?? '')
  provider.on('grant.success', heard)
  provider.on('grant.error', heard)
  server.on('request', provider.callback())
  return {
    issuer,
    grants,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
