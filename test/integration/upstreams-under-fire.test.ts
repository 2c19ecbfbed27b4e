import { afterEach, expect, test } from 'vitest'
import { type BackendProcess, startBackendProcess } from '../support/backend-process.js'
import { startGateway, type TestConfig, type TestGateway } from '../support/gateway.js'
import { runLoad } from '../support/load.js'

const SECONDS = 10
const CONNECTIONS = 32

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const config = (backends: BackendProcess[], upstream = {}): TestConfig => ({
  apps: [
    {
      name: 'app',
      hosts: ['127.0.0.1'],
      routes: [{ path: '/', upstream: { backends: backends.map(({ url }) => ({ url })), ...upstream } }],
    },
  ],
})

async function start(count: number, upstream = {}): Promise<{ backends: BackendProcess[]; gateway: TestGateway }> {
  const backends = await Promise.all(Array.from({ length: count }, startBackendProcess))
  ends.push(() => Promise.all(backends.map((backend) => backend.kill())))
  const gateway = await startGateway(config(backends, upstream))
  ends.push(() => gateway.stop())
  return { backends, gateway }
}

test.each(['round-robin', 'least-connections'])(
  'with three backends (%s), one of which is killed and restarted every second, no idempotent request fails',
  async (balance) => {
    const { backends, gateway } = await start(3, { balance })
    let over = false
    let kills = 0
    const killing = (async () => {
      for (; !over; kills++) {
        const next = new Promise((resolve) => setTimeout(resolve, 1_000))
        const victim = backends[kills % backends.length] as BackendProcess
        await victim.kill()
        await victim.start()
        await next
      }
    })()
    const { requests, failed, client } = await runLoad(gateway, CONNECTIONS, SECONDS)
    over = true
    await killing
    const again = gateway.entries().filter(({ attempts }) => attempts > 1).length
    console.log(
      `${balance}, ${client}, ${SECONDS} s: ${requests} requests, ${kills} kills, ${again} sent again, ${failed} failed`,
    )
    const wrong = gateway.entries().filter(({ status }) => status !== 200 && status !== 0)
    expect({ failed, wrong: wrong.slice(0, 3) }).toEqual({ failed: 0, wrong: [] })
    expect(requests).toBeGreaterThan(1_000)
    expect(kills).toBeGreaterThan(5)
    expect(again).toBeGreaterThan(0)
  },
  40_000,
)
