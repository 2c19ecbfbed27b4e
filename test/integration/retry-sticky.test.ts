import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ClientResponse, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
let a: TestUpstream
let b: TestUpstream

beforeAll(async () => {
  a = await startUpstream((_request, response) => response.setHeader('Set-Cookie', 'own=1').end('a'))
  b = await startUpstream((_request, response) => response.end('b'))
  const backends = [{ url: a.url }, { url: b.url }]
  gateway = await startGateway({
    apps: [
      { name: 'app', routes: [{ path: '/', upstream: { backends, sticky: { cookie: 'lead', maxAge: '1h' } } }] },
      { name: 'plain', routes: [{ path: '/', upstream: { backends, sticky: true } }] },
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await Promise.all([a.close(), b.close()])
})

const cookieOf = (answer: ClientResponse, name: string) =>
  answer.values('set-cookie').find((one) => one.startsWith(`${name}=`)) ?? ''

describe.each(PROTOCOLS)('over $name', ({ request }) => {
  test('a client is led back to the backend that it came to first', async () => {
    const first = await request(gateway)
    const set = cookieOf(first, 'lead')
    expect(set).toMatch(/^lead=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600$/)
    const pair = set.split(';')[0] as string
    for (let round = 0; round < 6; round++) {
      const next = await request(gateway, { headers: [['Cookie', pair]] })
      expect([next.text, cookieOf(next, 'lead')]).toEqual([first.text, ''])
    }
  })

  test('a made-up cookie is replaced', async () => {
    const answer = await request(gateway, { headers: [['Cookie', 'lead=made-up']] })
    expect(cookieOf(answer, 'lead')).not.toBe('')
  })

  test('the cookie is the gateway’s own: the app does not see it, and sees its own ones', async () => {
    for (const headers of [
      [['Cookie', 'x=1; lead=made-up; y=2']],
      [
        ['Cookie', 'x=1'],
        ['Cookie', 'lead=made-up'],
        ['Cookie', 'y=2'],
      ],
    ] as [string, string][][]) {
      const { text } = await request(gateway, { headers })
      expect((text === 'a' ? a : b).last().values('cookie')).toEqual(['x=1; y=2'])
    }
    const { text } = await request(gateway, { headers: [['Cookie', 'lead=made-up']] })
    expect((text === 'a' ? a : b).last().values('cookie')).toEqual([])
  })

  test('the app’s own cookies are kept beside it, and without an age it is one of the session', async () => {
    const answers = [
      await request(gateway, { host: 'plain.localhost' }),
      await request(gateway, { host: 'plain.localhost' }),
    ]
    const fromA = answers.find(({ text }) => text === 'a') as ClientResponse
    expect(cookieOf(fromA, 'own')).toBe('own=1')
    expect(cookieOf(fromA, 'portico-backend')).toMatch(/SameSite=Lax$/)
  })
})
