import { access, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { App } from '../../shared/config.js'
import type { ExchangeEntry } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { AGENT_PATH } from '../engine/tunnel/control-messages.js'
import type { AppToPublish, Publisher, Visit } from '../engine/tunnel/relay/publishing/publisher.js'
import { type HostedEngine, hostEngine, within } from './host-engine.js'

export interface RelayGatewayOptions {
  /** absolute; of the relay. The gateway has its own in it, `gateway` */
  dataDir: string
  /** of the relay itself; apps are below it */
  domain: string
  /** to listen on */
  host: string
  /** 0 for any that is free */
  port: number
}

/** Name of the relay's own app, which therefore is no agent's. */
const OWN = 'portico-relay'
const DRAIN_MS = 2_000
/** The config names an authority that certificates are to be had from. */
const ordersCertificates = z.object({ tls: z.object({ acme: z.object({}) }) })

/** What a relay's gateway begins with. Who runs the relay may change it: ports for plain HTTP, ACME, limits, logs. */
const FIRST_CONFIG = { version: 1, panel: { enabled: false }, apps: [] }

/**
 * A gateway in front of a relay: certificates for its domain and for the apps below it, and the whole request path for
 * whoever visits them.
 */
export class RelayGateway implements Publisher {
  readonly #hosted: HostedEngine
  readonly #domain: string

  /** @throws Fault as `hostEngine` does */
  static async open({ dataDir, domain, host, port }: RelayGatewayOptions): Promise<RelayGateway> {
    const own = path.join(dataDir, 'gateway')
    const configFile = path.join(own, 'config.json')
    await mkdir(own, { recursive: true, mode: 0o700 })
    const there = await access(configFile).then(
      () => true,
      () => false,
    )
    if (!there) await writeFile(configFile, `${JSON.stringify(FIRST_CONFIG, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    try {
      const hosted = await hostEngine({ dataDir: own, configFile, overrides: { bind: [host], https: port } })
      return new RelayGateway(hosted, domain)
    } catch (thrown) {
      throw wordedForRelay(Fault.of(thrown), configFile)
    }
  }

  private constructor(hosted: HostedEngine, domain: string) {
    this.#hosted = hosted
    this.#domain = domain
  }

  /** Lets agents in at the domain. @param port of the relay, on the loopback @returns the URL that they connect to */
  async admitAgents(port: number): Promise<string> {
    const [url = ''] = await this.#serve({
      name: OWN,
      hosts: [this.#domain],
      routes: [{ path: '/', upstream: { backends: [{ url: `http://127.0.0.1:${port}` }], protocol: 'http1' } }],
    })
    return `${url.replace(/^http/, 'ws')}${AGENT_PATH}`
  }

  async publish({ name, port, login }: AppToPublish): Promise<string> {
    if (name === OWN) throw new Fault('conflict', 'The name is taken.')
    const [url = ''] = await this.#serve({
      name,
      hosts: [`${name}.${this.#domain}`],
      routes: [{ path: '/', upstream: { backends: [{ url: `http://127.0.0.1:${port}` }], protocol: 'http1' } }],
      ...(login === null ? {} : { policies: { basicAuth: { users: { [login.user]: login.passwordHash } } } }),
    })
    return url
  }

  onVisit(listener: (visit: Visit) => void): void {
    this.#hosted.engine.on('exchange', (entry) => {
      if (entry.app !== null && entry.app !== OWN) listener(visitOf(entry.app, entry))
    })
  }

  async withdraw(name: string): Promise<void> {
    await this.#hosted.engine.call('app.remove', { name })
  }

  async close(): Promise<void> {
    await within(DRAIN_MS, this.#hosted.engine.stop({ drainMs: DRAIN_MS }))
    await this.#hosted.close()
  }

  /** It is there as long as this process is: what a relay leaves that was killed, the next one takes away. */
  async #serve(app: App): Promise<readonly string[]> {
    const { engine } = this.#hosted
    const { document } = await engine.call('config.get', {})
    const certificate = ordersCertificates.safeParse(document).success ? { certificate: 'acme' as const } : {}
    const { urls } = await engine.call('app.add', { app: { ...app, ...certificate }, whilePid: process.pid })
    return urls
  }
}

/** What never came to a backend was the gateway's own answer. */
function visitOf(name: string, { client, status, attempts, bytesIn, bytesOut }: ExchangeEntry): Visit {
  return { name, from: client, refused: attempts === 0 && status >= 400 && status < 500, bytesIn, bytesOut }
}

/** The port of agents and visitors is not in the gateway's config. */
function wordedForRelay(fault: Fault, configFile: string): Fault {
  if (fault.code !== 'port-taken' && fault.code !== 'port-forbidden') return fault
  const hint = `Choose another port with --listen, or, when it is that for plain HTTP, in ${configFile} under "listen".`
  return new Fault(fault.code, fault.message, hint, { cause: fault })
}
