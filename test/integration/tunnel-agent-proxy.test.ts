import { expect, onTestFinished, test, vi } from 'vitest'
import { TunnelAgent } from '../../src/main/engine/tunnel/agent/agent.js'
import type { AgentEvent } from '../../src/main/engine/tunnel/agent/agent-events.js'
import { parseAllowRule } from '../../src/main/engine/tunnel/agent/allow-rules.js'
import { relayAddress } from '../../src/main/engine/tunnel/agent/relay-address.js'
import { makeCertificate } from '../support/certificate.js'
import { startConnectProxy } from '../support/connect-proxy.js'
import { freePort } from '../support/free-port.js'
import { PlayedRelay } from '../support/played-relay.js'
import { startEcho } from '../support/relay.js'
import { until, within } from '../support/wait.js'

/** A relay whose name only the proxy knows. */
const HOST = 'relay.corp.test'

async function startRelay() {
  const certificate = makeCertificate(`DNS:${HOST}`, 'IP:127.0.0.1')
  const relay = await PlayedRelay.start({ certificate })
  onTestFinished(async () => {
    await relay.kill()
    certificate.remove()
  })
  return { relay, ca: [certificate.cert] }
}

/** @param env instead of this process's own variables */
function startAgent(url: string, ca: string[], allow: string[], env?: Record<string, string>) {
  const events: AgentEvent[] = []
  const address = { url: relayAddress(url), token: 'ptk_test', agent: null, ca }
  const rules = allow.map(parseAllowRule)
  const agent = new TunnelAgent({
    access: { ...address, ...(env === undefined ? {} : { env }) },
    facts: async () => ({ rules, ownPorts: [], reservedPorts: [], reservedPlaces: [], localAddresses: [] }),
    onEvent: (event) => events.push(event),
  })
  onTestFinished(() => agent.close())
  return { agent, events }
}

test('through the proxy that HTTPS_PROXY names, with its credentials, a tunnel works and comes back', async () => {
  const { relay, ca } = await startRelay()
  const echo = await startEcho()
  const proxy = await startConnectProxy({ credentials: 'ann:s@crt' })
  vi.stubEnv('HTTPS_PROXY', `http://ann:s%40crt@127.0.0.1:${proxy.port}`)
  vi.stubEnv('NO_PROXY', 'localhost,corp.example')
  onTestFinished(() => void vi.unstubAllEnvs())
  startAgent(`wss://${HOST}:${relay.port}`, ca, [`127.0.0.1:${echo.port}`])
  const stream = await relay.open({ kind: 'tcp', host: '127.0.0.1', port: echo.port })
  stream.end('hello')
  expect(String(Buffer.concat(await within(stream.toArray(), 'the echo')))).toBe('hello')
  expect(relay.requests[0]?.authorization).toBe('Bearer ptk_test')
  relay.agents[0]?.socket.terminate()
  await until(() => relay.agents.length === 2, 'it is connected again')
  const target = `${HOST}:${relay.port}`
  expect(proxy.asked).toEqual([1, 2].map(() => ({ target, credentials: 'ann:s@crt' })))
})

test.each([
  [407, 'unauthorized', /asks for a user and a password/, /USER:PASSWORD@/],
  [403, 'forbidden', /answered 403/, /NO_PROXY/],
])('a proxy that answers %i ends the agent, and it says why', async (refusal, code, message, hint) => {
  const proxy = await startConnectProxy({ refusal })
  const env = { https_proxy: `http://127.0.0.1:${proxy.port}` }
  const { agent } = startAgent(`wss://${HOST}:1`, [], [], env)
  expect(await within(agent.ended, 'its end')).toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })
})

test('a proxy that cannot reach the relay at the moment is asked again, and told in what goes wrong', async () => {
  const proxy = await startConnectProxy({ refusal: 502 })
  const { events } = startAgent(`wss://${HOST}:1`, [], [], { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })
  await until(() => proxy.asked.length > 2, 'it is asked again')
  expect(events[0]).toMatchObject({ type: 'waiting', reason: 'the proxy of HTTPS_PROXY answered 502' })
})

test('a proxy that is not there is told from a relay that is not', async () => {
  const port = await freePort()
  const { events } = startAgent(`wss://${HOST}:1`, [], [], { HTTPS_PROXY: `http://127.0.0.1:${port}` })
  await until(() => events.length > 0, 'it is not reached')
  expect(events[0]).toMatchObject({ reason: 'the proxy of HTTPS_PROXY is not reached: ECONNREFUSED' })
  const unknown = startAgent(`wss://${HOST}:1`, [], [], { HTTPS_PROXY: 'http://proxy.invalid' })
  await until(() => unknown.events.length > 0, 'it is not found', 10_000)
  expect(unknown.events[0]).toMatchObject({
    reason: expect.stringContaining('the proxy of HTTPS_PROXY is not reached: E'),
  })
})

test('neither a relay of this machine nor one in NO_PROXY is asked for by a proxy', async () => {
  const { relay, ca } = await startRelay()
  const proxy = await startConnectProxy()
  const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`
  startAgent(relay.url, ca, [], { HTTPS_PROXY })
  await relay.agent()
  const { events } = startAgent('wss://relay.invalid', [], [], { HTTPS_PROXY, NO_PROXY: '.invalid' })
  await until(() => events.length > 0, 'it is not found')
  expect(proxy.asked).toEqual([])
})
