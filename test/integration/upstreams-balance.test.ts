import { afterEach, describe, expect, test } from 'vitest'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

let gateway: TestGateway
let upstreams: TestUpstream[] = []
let hold = false
const held: (() => void)[] = []

afterEach(async () => {
  hold = false
  for (const answer of held.splice(0)) answer()
  await gateway.stop()
  for (const upstream of upstreams.splice(0)) await upstream.close()
})

const backends = (weights: number[]) => upstreams.map(({ url }, index) => ({ url, weight: weights[index] ?? 1 }))
const apps = (upstream: object) => ({ apps: [{ name: 'app', routes: [{ path: '/', upstream: upstream as never }] }] })

async function start(weights: number[], more: object = {}): Promise<void> {
  upstreams = await Promise.all(
    weights.map((_weight, index) =>
      startUpstream((_request, response) => {
        const answer = () => response.end(String(index))
        if (hold) held.push(answer)
        else answer()
      }),
    ),
  )
  gateway = await startGateway(apps({ backends: backends(weights), ...more }))
}

const who = async (headers: [string, string][] = [], client = HTTP1) =>
  (await client.request(gateway, { headers })).text

describe('weights', () => {
  test.each(['round-robin', 'least-connections', 'random'])('are kept by %s', async (balance) => {
    await start([2, 1, 1], { balance })
    const answers: string[] = []
    for (let i = 0; i < 60; i++) answers.push(await who())
    const counts = ['0', '1', '2'].map((index) => answers.filter((answer) => answer === index).length)
    if (balance === 'random') expect(Math.min(...counts)).toBeGreaterThan(0)
    else expect(counts).toEqual([30, 15, 15])
  })
})

test('the same client goes to the same backend by ip-hash', async () => {
  await start([1, 1, 1], { balance: 'ip-hash' })
  expect(new Set(await Promise.all(Array.from({ length: 10 }, () => who()))).size).toBe(1)
})

test('least-connections avoids a backend that is busy', async () => {
  await start([1, 1], { balance: 'least-connections' })
  hold = true
  const slow = who()
  await until(() => held.length === 1, 'a request is under way')
  hold = false
  const busy = upstreams.findIndex(({ heads }) => heads === 1)
  for (let i = 0; i < 5; i++) expect(await who()).toBe(String(1 - busy))
  held.splice(0)[0]?.()
  expect(await slow).toBe(String(busy))
})

describe('a drained backend', () => {
  const drain = (index: number, draining: boolean) =>
    gateway.engine.call('backend.drain', { app: 'app', url: upstreams[index]?.url ?? '', draining })

  test('gets nothing new and finishes what it has, also when the config changes meanwhile', async () => {
    await start([1, 1], { balance: 'first' })
    hold = true
    const slow = who()
    await until(() => held.length === 1, 'a request is under way')
    hold = false
    const lists: string[] = []
    const end = gateway.engine.on('backends', (list) =>
      lists.push(list.map(({ draining, inFlight }) => `${draining} ${inFlight}`).join(', ')),
    )
    expect(await drain(0, true)).toMatchObject([{ draining: true, inFlight: 1 }, { draining: false }])
    expect(await who()).toBe('1')
    await gateway.configure({ ...apps({ backends: backends([1, 1]), balance: 'random' }) })
    for (let i = 0; i < 8; i++) expect(await who()).toBe('1')
    held.splice(0)[0]?.()
    expect(await slow).toBe('0')
    await until(
      () => lists.at(-1) === 'true 0, false 0',
      () => `nothing is under way: ${lists.at(-1)}`,
    )
    await drain(0, false)
    await until(async () => (await who()) === '0', 'it gets requests again')
    end()
  })

  test.each(PROTOCOLS)('that is the only one is refused over $name, with the reason', async (client) => {
    await start([1])
    await drain(0, true)
    const { status, text, values } = await client.request(gateway)
    expect([status, values('retry-after').length]).toEqual([503, 1])
    expect(text).toContain('It is being drained')
  })

  test('that nobody has is not found', async () => {
    await start([1])
    const params = { app: 'app', url: 'http://127.0.0.1:1', draining: true }
    await expect(gateway.engine.call('backend.drain', params)).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('sticky', () => {
  test.each(PROTOCOLS)(
    'clients come back to their backend over $name, by a cookie that is set once',
    async (client) => {
      await start([1, 1, 1], { sticky: { cookie: 'stay', maxAge: '1h' } })
      for (let round = 0; round < 3; round++) {
        const first = await client.request(gateway)
        const [cookie] = first.values('set-cookie')
        expect(cookie).toMatch(/^stay=[\w-]+\.[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=3600$/)
        const pair = (cookie as string).split(';')[0] as string
        for (let i = 0; i < 4; i++) {
          const next = await client.request(gateway, { headers: [['cookie', `a=b; ${pair}`]] })
          expect([next.text, next.values('set-cookie')]).toEqual([first.text, []])
        }
      }
    },
  )

  test('a forged cookie is as none, and one of a backend that is out is replaced', async () => {
    await start([1, 1], { sticky: true })
    const first = await HTTP1.request(gateway)
    const [pair = ''] = (first.values('set-cookie')[0] ?? '').split(';')
    const forged = await HTTP1.request(gateway, { headers: [['cookie', `${pair}x`]] })
    expect(forged.values('set-cookie')).toHaveLength(1)
    const index = Number(first.text)
    await gateway.engine.call('backend.drain', { app: 'app', url: upstreams[index]?.url ?? '', draining: true })
    const moved = await HTTP1.request(gateway, { headers: [['cookie', pair]] })
    expect([moved.text, moved.values('set-cookie').length]).toEqual([String(1 - index), 1])
  })
})
