import { expect } from 'vitest'
import { Sandbox, Server } from '../main/cli/portico.js'
import { freePort } from './free-port.js'
import { until } from './wait.js'

const LISTENS = /ws:\/\/127\.0\.0\.1:\d+/
const START_MS = 15_000

/** A relay and its agents as they are used: the built command line, each in a process of its own. */
export class TunnelProcesses {
  readonly box: Sandbox
  relay: Server
  /** of the relay */
  readonly url: string
  /** of the agent `laptop` */
  readonly token: string

  static async start(): Promise<TunnelProcesses> {
    const box = await Sandbox.make()
    const relay = await startRelay(box, 0)
    return new TunnelProcesses(box, relay, await makeToken(box))
  }

  private constructor(box: Sandbox, relay: Server, token: string) {
    this.box = box
    this.relay = relay
    this.url = LISTENS.exec(relay.stdout)?.[0] ?? ''
    this.token = token
  }

  makeToken(...options: string[]): Promise<string> {
    return makeToken(this.box, ...options)
  }

  /** `portico tunnel connect`, with the token in the environment. */
  agent(token: string, ...options: string[]): Server {
    this.box.env.PORTICO_TUNNEL_TOKEN = token
    return new Server(this.box.spawn('tunnel', 'connect', this.url, ...options))
  }

  /** As `agent`, once it is connected. */
  async connectedAgent(...options: string[]): Promise<Server> {
    const agent = this.agent(this.token, ...options)
    const said = () => `connected: ${agent.stdout}${agent.stderr}`
    await until(() => agent.stdout.includes('Connected to'), said, START_MS)
    return agent
  }

  /** @returns a port of the relay that leads to a port of the agent's machine */
  async addProxy(to: number): Promise<number> {
    const port = await freePort()
    const words = ['--agent', 'laptop', '--local-port', String(port), '--to', `127.0.0.1:${to}`]
    const { code, stderr } = await this.box.run('relay', 'proxy', 'add', ...words)
    expect(code, stderr).toBe(0)
    return port
  }

  async killRelay(): Promise<void> {
    this.relay.child.kill('SIGKILL')
    await this.relay.ended
  }

  /** At the same port, with the same tokens and proxies. */
  async restartRelay(): Promise<void> {
    this.relay = await startRelay(this.box, Number(new URL(this.url).port))
  }

  close(): Promise<void> {
    return this.box.close()
  }
}

async function startRelay(box: Sandbox, port: number): Promise<Server> {
  const relay = new Server(box.spawn('relay', 'serve', '--listen', `127.0.0.1:${port}`))
  const said = () => `the relay listens: ${relay.stdout}${relay.stderr}`
  await until(() => LISTENS.test(relay.stdout), said, START_MS)
  return relay
}

async function makeToken(box: Sandbox, ...options: string[]): Promise<string> {
  const { stdout, stderr } = await box.run('relay', 'token', 'create', '--agent', 'laptop', ...options)
  const token = /ptk_[\w-]+/.exec(stdout)?.[0]
  expect(token, stderr).toBeDefined()
  return token as string
}
