import bcrypt from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashScrypt } from '../../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js'
import { HTTP1, PROTOCOLS } from '../../support/client.js'
import { curl } from '../../support/curl.js'
import { startGateway, type TestGateway } from '../../support/gateway.js'
import { refused } from '../../support/handshake.js'
import { startUpstream, type TestUpstream } from '../../support/upstream.js'
import { DOORS, endSession } from '../../support/websocket.js'

let upstream: TestUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = await startUpstream()
  gateway = await startGateway({
    apps: [
      {
        name: 'app',
        policies: {
          basicAuth: {
            users: { ann: await hashScrypt('päss:word'), bob: bcrypt.hashSync('hunter2', 5) },
            realm: 'The shop',
            userHeader: 'X-Remote-User',
          },
        },
        routes: [
          { path: '/', upstream: { backends: [{ url: upstream.url }] } },
          {
            path: '/both/*',
            upstream: { backends: [{ url: upstream.url }] },
            policies: { basicAuth: { users: { bob: bcrypt.hashSync('hunter2', 5) }, passAuthorization: true } },
          },
          { path: '/open/*', upstream: { backends: [{ url: upstream.url }] }, policies: { basicAuth: false } },
        ],
      } as never,
    ],
  })
})

afterAll(async () => {
  await endSession(gateway)
  await gateway.stop()
  await upstream.close()
})

const basic = (text: string): [string, string] => ['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]

describe.each(PROTOCOLS)('over $name', (client) => {
  test('whoever says nothing is asked for a password', async () => {
    const answer = await client.request(gateway, { path: `/nothing-${client.name[5]}` })
    expect(answer.status).toBe(401)
    expect(answer.values('www-authenticate')).toEqual(['Basic realm="The shop", charset="UTF-8"'])
  })

  test.each([
    ['a scrypt hash', 'ann:päss:word'],
    ['a bcrypt hash', 'bob:hunter2'],
  ])('the right password of %s lets pass, and only the name goes on', async (_, text) => {
    const headers: [string, string][] = [basic(text), ['X-Remote-User', 'root'], ['X_Remote_User', 'root']]
    const answer = await client.request(gateway, { headers })
    expect(answer.status).toBe(200)
    const seen = upstream.last().fields.filter(([name]) => /remote.user|authorization/i.test(name))
    expect(seen).toEqual([['X-Remote-User', text.split(':')[0]]])
  })

  test.each(['ann:wrong', 'ann:', 'nobody:hunter2', 'bob:päss:word', ':', '__proto__:x'])(
    '%s is refused',
    async (text) => {
      expect((await client.request(gateway, { headers: [basic(text)] })).status).toBe(401)
    },
  )

  test.each(['Basic', 'Basic !!!', `Basic ${Buffer.from('ann').toString('base64')}`, 'Bearer abc'])(
    '%s is no credentials',
    async (value) => {
      expect((await client.request(gateway, { headers: [['Authorization', value]] })).status).toBe(401)
    },
  )

  test('HEAD is refused without a body', async () => {
    const answer = await client.request(gateway, { method: 'HEAD' })
    expect([answer.status, answer.text]).toEqual([401, ''])
  })

  test('the password goes on where that is asked for, and a route may do without', async () => {
    const sent = basic('bob:hunter2')
    await client.request(gateway, { path: '/both/x', headers: [sent] })
    expect(upstream.last().values('authorization')).toEqual([sent[1]])
    expect((await client.request(gateway, { path: '/open/x' })).status).toBe(200)
  })
})

test.each(DOORS)('a WebSocket without a password is refused over $name', async (door) => {
  const answer = await refused(door.name, gateway, '/socket')
  expect(answer.status).toBe(401)
  expect(answer.field('www-authenticate')).toContain('Basic realm=')
})

test('curl signs in, and the log says who was refused', async () => {
  const url = `https://app.localhost:${gateway.httpsPort}/curl`
  expect(await curl(gateway, url, '-u', 'ann:päss:word')).toBe('ok')
  expect(await curl(gateway, url, '-u', 'ann:nope', '-o', '/dev/null', '-w', '%{http_code}')).toBe('401')
})

test('a flood of wrong passwords neither stalls other requests nor waits without bound', async () => {
  const right = basic('bob:hunter2')
  await HTTP1.request(gateway, { path: '/both/x', headers: [right] })
  const flood = Array.from({ length: 60 }, (_, i) => HTTP1.request(gateway, { headers: [basic(`ann:wrong-${i}`)] }))
  // The one check after the other would take much longer than these.
  expect((await HTTP1.request(gateway, { path: '/open/x' })).status).toBe(200)
  expect((await HTTP1.request(gateway, { path: '/both/x', headers: [right] })).status).toBe(200)
  const answers = await Promise.all(flood)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 503]))
  expect(answers.find(({ status }) => status === 503)?.values('retry-after')).toEqual(['1'])
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(12)
})
