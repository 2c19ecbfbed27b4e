import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startBlackHole, synSentTo } from '../support/hostile/black-hole.js'
import { enterPhase, PHASES, type Phase, type PhaseClient } from '../support/hostile/phase-clients.js'
import { type HeldRequest, type PhaseUpstream, settled, startPhaseUpstream } from '../support/hostile/phase-upstream.js'
import { until } from '../support/wait.js'

/** One second is promised; the rest is for a busy machine. */
const FREED_MS = 1_500

let upstream: PhaseUpstream
let gateway: TestGateway
let logged = 0
const address = () => ({ port: gateway.httpsPort, ca: gateway.ca, host: 'app.localhost' })

beforeAll(async () => {
  upstream = await startPhaseUpstream()
  gateway = await startGateway({ apps: [{ name: 'app', port: Number(new URL(upstream.url).port) }] })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

describe.each([
  { protocol: 'h1', ways: ['destroy', 'reset'] },
  { protocol: 'h2', ways: ['destroy', 'reset', 'cancel'] },
] as const)('over $protocol', ({ protocol, ways }) => {
  test.each(ways)('a client that goes by %s frees its upstream', async (way) => {
    const before = upstream.held.length
    const clients = await enterAll(protocol)
    await allHeld(protocol, before)
    for (const client of clients) client[way]?.()
    await allFreed(before)
    for (const client of clients) client.destroy()
  })

  test('a client whose process is killed frees its upstream', async () => {
    const before = upstream.held.length
    const child = await startClientProcess(protocol)
    await allHeld(protocol, before)
    child.kill('SIGKILL')
    await allFreed(before)
  })
})

test.skipIf(process.platform !== 'linux')(
  'a client that vanishes while its backend is dialled ends the dial',
  async () => {
    const hole = await startBlackHole()
    const own = await startGateway({
      defaults: { timeouts: { connect: '8s' } },
      apps: [{ name: 'app', port: hole.port }],
    })
    try {
      for (const protocol of ['h1', 'h2'] as const) {
        for (const phase of ['awaiting-response', 'uploading'] as const) {
          const client = await enterPhase(protocol, phase, { ...address(), port: own.httpsPort, ca: own.ca })
          await until(async () => (await synSentTo(hole.port)) >= 1, 'the gateway dials')
          client.destroy()
          await until(async () => (await synSentTo(hole.port)) === 0, `no dial for ${protocol} ${phase}`, FREED_MS)
        }
      }
      const [gone, staying] = await Promise.all([
        enterPhase('h1', 'awaiting-response', { ...address(), port: own.httpsPort, ca: own.ca }),
        enterPhase('h1', 'awaiting-response', { ...address(), port: own.httpsPort, ca: own.ca }),
      ])
      await until(async () => (await synSentTo(hole.port)) === 2, 'both dial')
      gone.destroy()
      await until(async () => (await synSentTo(hole.port)) === 1, 'one dial is left', FREED_MS)
      staying.destroy()
    } finally {
      await own.stop()
      await hole.close()
    }
  },
)

test('an upload that the backend does not take, whose client vanished behind unread bytes, ends at the response timeout', async () => {
  const own = await startGateway({
    defaults: { timeouts: { response: '1s' } },
    apps: [{ name: 'app', port: Number(new URL(upstream.url).port) }],
  })
  try {
    const before = upstream.held.length
    const client = await enterPhase('h1', 'stalled-upload', { ...address(), port: own.httpsPort, ca: own.ca })
    await until(() => upstream.held.length > before, 'the upload has begun')
    client.reset()
    await until(() => own.entries().length === 1, 'the exchange has ended', 1_000 + FREED_MS)
    upstream.held.at(-1)?.readOn()
    await until(() => upstream.held.at(-1)?.socket.destroyed, 'its backend is free')
  } finally {
    await own.stop()
  }
})

test('after 300 clients have vanished nothing of them is left and honest requests work', async () => {
  for (const socket of upstream.sockets) socket.destroy()
  await until(() => upstream.sockets.size === 0, 'earlier connections have gone')
  const lively: Phase[] = ['awaiting-response', 'silent-stream', 'uploading', 'pipelined']
  for (let round = 0; round < 10; round++) {
    const before = upstream.held.length
    const clients = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        enterPhase(i % 2 === 0 ? 'h1' : 'h2', lively[i % lively.length] as Phase, address()),
      ),
    )
    await until(() => upstream.held.length - before >= 30, 'requests under way')
    clients.forEach((client, i) => {
      if (i % 3 === 0) client.reset()
      else client.destroy()
    })
  }
  await until(() => upstream.sockets.size === 0, 'every upstream connection is freed', FREED_MS)
  for (const client of [HTTP1, HTTP2]) expect((await client.request(gateway)).text).toBe('ok')
})

/**
 * An HTTP/1.1 upload that the backend does not take is not read either, so that memory stays bounded; the end of the
 * connection lies behind unread bytes then, and `timeouts.response` is what frees it.
 */
function phasesOf(protocol: 'h1' | 'h2'): readonly Phase[] {
  return protocol === 'h1' ? PHASES.filter((phase) => phase !== 'stalled-upload') : PHASES
}

async function enterAll(protocol: 'h1' | 'h2'): Promise<PhaseClient[]> {
  return Promise.all(phasesOf(protocol).map((phase) => enterPhase(protocol, phase, address())))
}

/** A request for each phase, and four of the pipelined one. */
async function allHeld(protocol: 'h1' | 'h2', before: number): Promise<void> {
  await until(
    () => upstream.held.length - before === phasesOf(protocol).length + 3,
    'every phase has reached the upstream',
  )
  await settled(upstream)
}

/** A backend that does not read never hears of the end of its connection: there the gateway's own log tells. */
async function allFreed(before: number): Promise<void> {
  const start = performance.now()
  const mine = upstream.held.slice(before)
  const isFree = ({ path, socket }: HeldRequest) =>
    socket.destroyed ||
    (path === '/stalled-upload' &&
      gateway
        .entries()
        .slice(logged)
        .some((entry) => entry.path === path))
  const stuck = () => mine.filter((held) => !isFree(held)).map(({ path }) => path)
  await until(
    () => stuck().length === 0,
    () => `free of ${stuck()}`,
    FREED_MS,
  )
  logged = gateway.entries().length
  for (const { socket } of mine) socket.destroy()
  if (process.env.PORTICO_TEST_FIGURES !== undefined)
    console.log(`freed after ${Math.round(performance.now() - start)} ms`)
}

async function startClientProcess(protocol: 'h1' | 'h2'): Promise<ChildProcess> {
  const file = new URL('../support/hostile/phase-process.ts', import.meta.url).pathname
  const child = spawn(
    process.execPath,
    [file, JSON.stringify({ protocol, phases: phasesOf(protocol), gateway: address() })],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await once(child.stdout as NodeJS.EventEmitter, 'data')
  return child
}
