import { expect, test } from 'vitest'
import { relayMetrics } from '../../src/main/engine/tunnel/relay/relay-metrics.js'
import { audit, publish, quickHash, showApp, startApp, startPublishing, visit } from '../support/publishing.js'
import { until } from '../support/wait.js'

test('who visited what is in the audit log: each visitor once, with what passed', async () => {
  const relay = await startPublishing()
  const agent = await showApp(relay, await startApp())
  const login = { user: 'guest', passwordHash: quickHash('sesame') }
  await publish(agent, 'shop', { login })
  await publish(agent, 'open')
  const basic = { authorization: `Basic ${Buffer.from('guest:sesame').toString('base64')}` }
  await visit(relay, 'shop.relay.localhost')
  const sizes = [
    await visit(relay, 'shop.relay.localhost', '/', basic),
    await visit(relay, 'shop.relay.localhost', '/long', basic),
  ]
  await visit(relay, 'open.relay.localhost')
  await until(async () => (await relay.relay.status()).published[1]?.requests === 1, 'all have ended')
  const [shop, open] = (await relay.relay.status()).published
  expect([shop?.requests, shop?.bytes_in, open?.requests]).toEqual([3, 0, 1])
  expect(shop?.bytes_out).toBeGreaterThan(100_000)
  const metrics = await relayMetrics(await relay.relay.status(), [])
  expect(metrics).toContain('portico_relay_app_requests_total{name="shop",agent="laptop"} 3\n')
  expect(metrics).toContain(
    `portico_relay_app_bytes_total{name="shop",agent="laptop",direction="out"} ${shop?.bytes_out}\n`,
  )
  agent.link.control({ type: 'unpublish', name: 'shop' })
  const visits = async (event: string) => (await audit(relay)).filter((line) => line.event === event)
  await until(async () => (await visits('visit-closed')).length === 1, 'the visit is over')
  const who = { agent: 'laptop', from: '127.0.0.1' }
  expect(await visits('visit-opened')).toMatchObject([
    { name: 'shop', ...who },
    { name: 'open', ...who },
  ])
  const [closed] = await visits('visit-closed')
  expect(closed).toMatchObject({
    name: 'shop',
    ...who,
    requests: 3,
    refused: 1,
    bytesIn: 0,
    reason: 'the agent has left',
  })
  expect(closed?.seconds).toEqual(expect.any(Number))
  expect(closed?.bytesOut).toBeGreaterThanOrEqual(sizes.reduce((sum, { body }) => sum + body.length, 0))
  await relay.close()
  expect((await visits('visit-closed'))[1]).toMatchObject({
    name: 'open',
    requests: 1,
    refused: 0,
    reason: 'relay stopped',
  })
})

test('an agent that asks for its own name with another password has it anew, and its earlier visitors are out', async () => {
  const relay = await startPublishing()
  const [first, second] = [await startApp('first'), await startApp('second')]
  const { token } = await relay.token('laptop')
  const [earlier, later] = [await showApp(relay, first, 'laptop', token), await showApp(relay, second, 'laptop', token)]
  const loginOf = (password: string) => ({ user: 'guest', passwordHash: quickHash(password) })
  await publish(earlier, 'shop', { login: loginOf('one') })
  expect(await publish(later, 'shop', { login: loginOf('two') })).toMatchObject({ type: 'published' })
  const told = () => earlier.messages.at(-1)
  await until(() => (told() as { type: string }).type === 'unpublished', 'the earlier one is told')
  expect(told()).toMatchObject({ name: 'shop', reason: expect.stringContaining('anew') })
  const bearing = (password: string) => ({
    authorization: `Basic ${Buffer.from(`guest:${password}`).toString('base64')}`,
  })
  expect((await visit(relay, 'shop.relay.localhost', '/', bearing('one'))).status).toBe(401)
  expect(await visit(relay, 'shop.relay.localhost', '/', bearing('two'))).toMatchObject({
    status: 200,
    body: expect.stringContaining('second'),
  })
  // Who only comes back from a lost connection does not end what is newer.
  const back = await showApp(relay, first, 'laptop', token)
  const before = { login: loginOf('one'), again: true }
  expect(await publish(back, 'shop', before)).toMatchObject({
    type: 'refused',
    reason: 'The agent has published it anew.',
  })
  // It changes nothing that cannot be had.
  const costly = { user: 'guest', passwordHash: loginOf('x').passwordHash.replace('ln=10', 'ln=18') }
  expect(await publish(earlier, 'shop', { login: costly })).toMatchObject({ type: 'refused' })
  expect((await visit(relay, 'shop.relay.localhost', '/', bearing('two'))).status).toBe(200)
})
