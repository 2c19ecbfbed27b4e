import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type GrantContext } from 'oidc-provider'
import { HTTP1 } from './client.js'
import type { Reachable } from './gateway.js'

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

/** Signs somebody in without a browser. @returns the value of Cookie by which the gateway knows them from now on */
export async function signInOverHttp(gateway: Reachable, origin: string, user: string): Promise<string> {
  const headers: [string, string][] = [
    ['Accept', 'text/html'],
    ['Sec-Fetch-Mode', 'navigate'],
  ]
  const begun = await HTTP1.request(gateway, { headers })
  const atGateway = new Map<string, string>()
  const atProvider = new Map<string, string>()
  remember(atGateway, begun.values('set-cookie'))
  let url = begun.values('location')[0] ?? ''
  let form: URLSearchParams | null = null
  for (let steps = 0; !url.startsWith(origin); steps++) {
    if (steps === 12) throw new Error(`the sign-in does not come to an end; it is at ${url}`)
    const answer: Response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: asCookie(atProvider) },
      ...(form === null ? {} : { method: 'POST', body: form }),
    })
    remember(atProvider, answer.headers.getSetCookie())
    const location = answer.headers.get('location')
    const page = await answer.text()
    url = new URL(location ?? /<form[^>]* action="([^"]+)"/.exec(page)?.[1] ?? '', url).href
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
    form = location === null ? new URLSearchParams({ prompt, login: user, password: 'any' }) : null
  }
  const { pathname, search } = new URL(url)
  const done = await HTTP1.request(gateway, {
    path: pathname + search,
    headers: [...headers, ['Cookie', asCookie(atGateway)]],
  })
  remember(atGateway, done.values('set-cookie'))
  return asCookie(atGateway)
}

function remember(jar: Map<string, string>, cookies: readonly string[]): void {
  for (const cookie of cookies) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
    if (value === '' || /; *max-age=0/i.test(cookie)) jar.delete(name)
    else jar.set(name, value)
  }
}

function asCookie(jar: ReadonlyMap<string, string>): string {
  return [...jar].map((pair) => pair.join('=')).join('; ')
}
