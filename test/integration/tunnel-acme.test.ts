import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { TunnelAgent } from '../../src/main/engine/tunnel/agent/agent.js'
import type { AgentEvent } from '../../src/main/engine/tunnel/agent/agent-events.js'
import { relayAddress } from '../../src/main/engine/tunnel/agent/relay-address.js'
import { tokenWishSchema } from '../../src/main/engine/tunnel/relay/relay-schemas.js'
import { hostRelay } from '../../src/main/host/host-relay.js'
import { startConnectProxy } from '../support/connect-proxy.js'
import { freePort } from '../support/free-port.js'
import { type Pebble, pebbleMissing, startPebble } from '../support/pebble.js'
import { until } from '../support/wait.js'

const MISSING = pebbleMissing('certificates of a relay by ACME')
const DOMAIN = 'relay.gw.test'
const ISSUING_MS = 30_000

/** A relay whose gateway has its certificates from an authority, configured as docs/tunnels.md says. */
async function startRelay() {
  const [https, plain] = [await freePort(), await freePort()]
  const pebble = await startPebble({ httpPort: plain, tlsPort: https })
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'portico-relay-acme-'))
  await mkdir(path.join(dataDir, 'gateway'))
  const acme = { email: 'a@b.cd', directory: pebble.directory, caFile: pebble.caFile }
  const config = { version: 1, listen: { http: plain }, tls: { acme }, panel: { enabled: false }, apps: [] }
  await writeFile(path.join(dataDir, 'gateway', 'config.json'), JSON.stringify(config))
  const hosted = await hostRelay({ dataDir, host: '127.0.0.1', port: https, tls: null, domain: DOMAIN, limits: {} })
  onTestFinished(async () => {
    await hosted.close()
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  const { token } = await hosted.relay.createToken(tokenWishSchema.parse({ client_id: 'laptop' }))
  return { https, pebble, token, root: await pebble.root() }
}

/** The fingerprint of a certificate that leads to the authority; null for any other. */
function fingerprintOf(port: number, servername: string, ca: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host: '127.0.0.1', port, servername, ca, rejectUnauthorized: false })
    socket.on('error', () => resolve(null))
    socket.on('secureConnect', () => {
      const { fingerprint256 } = socket.getPeerCertificate()
      resolve(socket.authorized ? fingerprint256 : null)
      socket.destroy()
    })
  })
}

async function certified(port: number, name: string, root: string, pebble: Pebble): Promise<string | null> {
  const why = () => `${name} has a certificate: ${pebble.log().slice(-1500)}`
  await until(async () => (await fingerprintOf(port, name, root)) !== null, why, ISSUING_MS)
  return fingerprintOf(port, name, root)
}

test.skipIf(MISSING !== null)(
  "a relay's domain and the apps below it get certificates of the authority; a name that comes back keeps its own",
  { timeout: 60_000 },
  async () => {
    const { https, pebble, token, root } = await startRelay()
    const own = await certified(https, DOMAIN, root, pebble)
    // Whose name servers know the domain.
    const proxy = await startConnectProxy()
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
    const access = { url: relayAddress(`wss://${DOMAIN}:${https}`), token, agent: 'laptop', ca: [root], env }
    const events: AgentEvent[] = []
    const agent = new TunnelAgent({
      access,
      serveApp: (_, stream) => void stream.destroy(),
      onEvent: (event) => events.push(event),
    })
    onTestFinished(() => agent.close())
    const publish = async () => {
      agent.publish({ name: 'shop', lifetimeMs: null, login: null })
      const published = () => agent.status().published.some(({ at }) => at.state === 'published')
      await until(published, () => `it is published: ${JSON.stringify(events)}`, ISSUING_MS)
    }
    await publish()
    const first = await certified(https, `shop.${DOMAIN}`, root, pebble)
    expect(first).not.toBe(own)
    agent.unpublish('shop')
    await publish()
    expect(await certified(https, `shop.${DOMAIN}`, root, pebble)).toBe(first)
  },
)
