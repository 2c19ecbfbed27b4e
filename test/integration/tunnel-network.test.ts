import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLI, Sandbox, Server } from '../main/cli/portico.js'
import { makeCertificate, type TestCertificate } from '../support/certificate.js'
import { BLOCK_SIZE, sumOf } from '../support/transfer-peer.js'
import { machinesMissing, type Side, TwoMachines } from '../support/two-machines.js'
import { until, within } from '../support/wait.js'

const PEER = path.resolve(import.meta.dirname, '../support/transfer-peer.ts')
/** More blocks than any test waits for. */
const ENDLESS = 10_000_000
const START_MS = 15_000

/** A relay on one machine, an agent with a service on another, and a cable between them. */
class Bench {
  port = 9000
  agent!: Server
  relay!: Server
  readonly machines: TwoMachines
  readonly #box: Sandbox
  readonly #certificate: TestCertificate
  readonly #token: string

  static async start(): Promise<Bench> {
    const machines = await TwoMachines.make()
    const box = await Sandbox.make()
    const certificate = makeCertificate(`IP:${machines.addresses.near}`)
    const { stdout } = await box.run('relay', 'token', 'create', '--agent', 'laptop')
    const bench = new Bench(machines, box, certificate, stdout.trim())
    await bench.#connect(certificate.file)
    return bench
  }

  async close(): Promise<void> {
    await this.machines.close()
    await this.#box.close()
    this.#certificate.remove()
  }

  private constructor(machines: TwoMachines, box: Sandbox, certificate: TestCertificate, token: string) {
    this.machines = machines
    this.#box = box
    this.#certificate = certificate
    this.#token = token
  }

  /** Has the port of the relay lead to a service that sends so many blocks. */
  async serve(blocks: number): Promise<Server> {
    const service = new Server(this.machines.spawn('far', [process.execPath, PEER, 'serve', String(blocks)]))
    await until(() => service.stdout !== '', 'the service listens', START_MS)
    this.port += 1
    const words = ['--agent', 'laptop', '--local-port', String(this.port), '--to', `127.0.0.1:${service.stdout.trim()}`]
    const { code, stderr } = await this.#box.run('relay', 'proxy', 'add', ...words)
    expect(code, stderr).toBe(0)
    return service
  }

  user(): Server {
    return new Server(this.machines.spawn('near', [process.execPath, PEER, 'fetch', String(this.port)]))
  }

  /** What the relay tells this user by its socket. */
  async ask<T>(target: string): Promise<T> {
    const socketPath = path.join(this.#box.dataDir, 'relay.sock')
    const [response] = await once(http.get({ socketPath, path: target, agent: false }), 'response')
    return (await json(response)) as T
  }

  /** What the relay and the agent have open, sockets above all. */
  files(): number[] {
    return [this.relay, this.agent].map(({ child }) => readdirSync(`/proc/${child.pid}/fd`).length)
  }

  async #connect(certificate: string): Promise<void> {
    const { near } = this.machines.addresses
    const key = path.join(path.dirname(certificate), 'key.pem')
    const place = ['--listen', `${near}:8443`, '--cert', certificate, '--key', key]
    this.relay = this.#portico('near', this.#box.dataDir, 'relay', 'serve', ...place, '--ping', '1s')
    await until(
      () => this.relay.stdout.includes('Agents connect to'),
      () => this.relay.stderr,
      START_MS,
    )
    const words = [`wss://${near}:8443`, '--ca', certificate, '--allow', '127.0.0.1', '--ping', '1s']
    this.agent = this.#portico('far', path.join(this.#box.base, 'agent'), 'tunnel', 'connect', ...words)
    await until(
      () => this.agent.stdout.includes('Connected to'),
      () => this.agent.stderr,
      START_MS,
    )
  }

  #portico(side: Side, dataDir: string, ...words: string[]): Server {
    const command = [process.execPath, CLI, ...words, '--data-dir', dataDir]
    return new Server(this.machines.spawn(side, command, { PORTICO_TUNNEL_TOKEN: this.#token }))
  }
}

const MISSING = machinesMissing('what becomes of a tunnel when its network goes away')

describe.skipIf(MISSING !== null)('a tunnel between two machines', () => {
  let bench: Bench

  beforeAll(async () => {
    bench = await Bench.start()
  })

  afterAll(() => bench.close())

  // 3,200 blocks are 200 MiB.
  test('the network goes away in mid-transfer and comes back, twice', { timeout: 60_000 }, async () => {
    const { machines, agent } = bench
    await bench.serve(3_200)
    expect(await whole(bench.user())).toBe(expectedOf(3_200))
    const before = bench.files()
    const endless = await bench.serve(ENDLESS)
    const ways = [
      { cut: () => machines.switch('down'), mend: () => machines.switch('up') },
      { cut: () => machines.unplug(), mend: () => machines.plug() },
    ]
    for (const [at, { cut, mend }] of ways.entries()) {
      const users = [bench.user(), bench.user()]
      for (const user of users) await until(() => user.stdout.includes('begun'), 'the transfer is under way', START_MS)
      cut()
      for (const user of users) {
        await until(() => user.stdout.includes('over'), 'the user is told', START_MS)
        expect(user.stdout).toBe('begun\nover ECONNRESET\n')
      }
      await until(() => agent.stderr.split('Connection lost').length === at + 2, 'the agent knows', START_MS)
      await until(() => endless.stdout.split('over').length > 2 * (at + 1), 'the service is told', START_MS)
      expect((await bench.ask<{ agents: unknown[] }>('/api/status')).agents).toEqual([])
      expect(await ended(bench.user())).toBe('over ECONNRESET\n')
      mend()
      await until(
        () => agent.stdout.split('Connected again').length === at + 2,
        () => agent.stderr,
      )
      const user = bench.user()
      await until(() => user.stdout.includes('begun'), 'a new one is served', START_MS)
      user.child.kill()
    }
    const open = async () => (await bench.ask<{ open: number }[]>('/api/proxy/stats')).map((proxy) => proxy.open)
    await until(async () => String(await open()) === '0,0', 'all are over')
    // One port more.
    const after = () => bench.files().map((count, at) => count - (before[at] as number))
    await until(
      () => String(after()) === '1,0',
      () => `nothing is left open: ${after()}`,
    )
  })

  test('an address has no more than 100 connections that are no agent’s; others come in', async () => {
    await bench.serve(1)
    const { near } = bench.machines.addresses
    const flood = `let closed = 0
    for (let i = 0; i < 130; i++)
      require('node:net').connect(8443, '${near}').on('error', () => {}).on('close', () => console.log(++closed))`
    const far = new Server(bench.machines.spawn('far', [process.execPath, '-e', flood]))
    await until(
      () => far.stdout.endsWith('\n30\n'),
      () => far.stdout,
      START_MS,
    )
    expect(await whole(bench.user())).toBe(expectedOf(1))
    const ask = `https://${near}:8443/api/status`
    expect(bench.machines.do('near', `curl -sk -o /dev/null -w '%{http_code}' ${ask}`)).toBe('401')
    expect(far.stdout).not.toContain('31')
  })

  test('on a line that loses packets everything arrives, and the tunnel stays', async () => {
    await bench.serve(64)
    const before = bench.agent.stderr
    for (const side of ['near', 'far'] as const) bench.machines.lose(side, 2)
    const users = [bench.user(), bench.user(), bench.user()]
    for (const user of users) expect(await whole(user)).toBe(expectedOf(64))
    expect(bench.agent.stderr).toBe(before)
  })
})

function expectedOf(blocks: number): string {
  return `whole ${blocks * BLOCK_SIZE} ${sumOf(blocks)}`
}

async function whole(user: Server): Promise<string> {
  return (await ended(user)).replace('begun\n', '').trim()
}

async function ended(user: Server): Promise<string> {
  await within(user.ended, 'the end of a user', START_MS)
  return user.stdout
}
