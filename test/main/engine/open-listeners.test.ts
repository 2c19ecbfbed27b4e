import { expect, test } from 'vitest'
import type { HostFacts } from '../../../src/main/engine/engine-options.js'
import { type ListenPlan, listenPlan, moveListeners, openListeners } from '../../../src/main/engine/open-listeners.js'
import { processSystem } from '../../../src/main/platform/process-table/process-system.js'
import type { Listener } from '../../../src/shared/contract.js'

/** Stands for the sockets: opens everything but what `failures` says, and remembers what is open. */
class Ports {
  #open: Listener[] = []
  readonly asked: string[] = []
  #nextFree = 50_000

  constructor(readonly failures: Record<string, string> = {}) {}

  async listen(address: string, port: number, protocol: Listener['protocol']): Promise<Listener> {
    this.asked.push(`${address} ${port}`)
    const code = this.failures[`${address} ${port}`] ?? this.failures[String(port)] ?? this.failures[address]
    if (code !== undefined) throw Object.assign(new Error(code), { code })
    const listener: Listener = { address, port: port === 0 ? this.#nextFree++ : port, protocol }
    this.#open.push(listener)
    return listener
  }

  async close(which: (listener: Listener) => boolean): Promise<void> {
    this.#open = this.#open.filter((listener) => !which(listener))
  }

  get open(): Listener[] {
    return [...this.#open]
  }

  get list(): string[] {
    return this.open.map(({ address, port, protocol }) => `${protocol} ${address} ${port}`)
  }
}

const LISTEN = { bind: ['127.0.0.1', '::1'], https: 443, http: 80, fallback: [4443, 8080] as [number, number] }
const PLAN = listenPlan(LISTEN)
const FACTS: HostFacts = {
  portHolder: async (port) => (port === 443 ? 'nginx (pid 812)' : null),
  permitLowPortsCommand: 'sudo sysctl net.ipv4.ip_unprivileged_port_start=80',
  holderOf: async () => null,
  portScanner: { scan: async () => [] },
  processSystem: processSystem('linux'),
}
const free = (bind = LISTEN.bind): ListenPlan => listenPlan({ ...LISTEN, bind }, { https: 0, http: 0 })

test('the ports of the config are opened on every address', async () => {
  const ports = new Ports()
  expect(await openListeners(ports, PLAN, FACTS)).toEqual([])
  expect(ports.list).toEqual(['https 127.0.0.1 443', 'https ::1 443', 'http 127.0.0.1 80', 'http ::1 80'])
})

test('a taken port falls back, for all addresses, and the warning names its holder', async () => {
  const ports = new Ports({ '::1 443': 'EADDRINUSE' })
  const [warning] = await openListeners(ports, PLAN, FACTS)
  expect(warning).toEqual({
    path: 'listen.https',
    message:
      'Port 443 is taken by nginx (pid 812). Port 4443 is used instead. Stop that process, or choose another port in the config under "listen".',
  })
  expect(ports.list).toEqual(['https 127.0.0.1 4443', 'https ::1 4443', 'http 127.0.0.1 80', 'http ::1 80'])
})

test('a port that is not permitted falls back, and the warning has the command that permits it', async () => {
  const ports = new Ports({ '443': 'EACCES', '80': 'EACCES' })
  const warnings = await openListeners(ports, PLAN, FACTS)
  expect(warnings.map(({ path }) => path)).toEqual(['listen.https', 'listen.http'])
  expect(warnings[0]?.message).toContain('not permitted')
  expect(warnings[0]?.message).toContain('sudo sysctl')
})

test('when the fallback fails, too, nothing stays open and the fault tells both reasons', async () => {
  const ports = new Ports({ '80': 'EACCES', '8080': 'EADDRINUSE' })
  await expect(openListeners(ports, PLAN, FACTS)).rejects.toMatchObject({
    code: 'port-forbidden',
    message: expect.stringContaining('Port 8080 is taken by another process'),
    hint: expect.stringContaining('sudo sysctl'),
  })
  expect(ports.list).toEqual([])
})

test('a port of the command line has no fallback', async () => {
  const ports = new Ports({ '443': 'EADDRINUSE' })
  await expect(openListeners(ports, listenPlan(LISTEN, { https: 443 }), undefined)).rejects.toMatchObject({
    code: 'port-taken',
  })
  expect(ports.asked).not.toContain('127.0.0.1 4443')
  expect(ports.list).toEqual([])
})

test.each(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])(
  'an address that the machine has not (%s) is left out, with a warning',
  async (code) => {
    const ports = new Ports({ '::1': code })
    const warnings = await openListeners(ports, PLAN, FACTS)
    expect(warnings[0]?.message).toBe('This machine has no address ::1; the others are used.')
    expect(ports.list).toEqual(['https 127.0.0.1 443', 'http 127.0.0.1 80'])
  },
)

test('when the machine has none of the addresses, that is the fault', async () => {
  const ports = new Ports({ '192.0.2.1': 'EADDRNOTAVAIL' })
  const plan = listenPlan({ ...LISTEN, bind: ['192.0.2.1'] })
  await expect(openListeners(ports, plan, FACTS)).rejects.toMatchObject({ code: 'listen-failed' })
})

test('another error of the system is told with its code', async () => {
  const ports = new Ports({ '0': 'EMFILE' })
  await expect(openListeners(ports, free(), FACTS)).rejects.toMatchObject({
    code: 'listen-failed',
    message: expect.stringContaining('EMFILE'),
  })
})

test('"any free port" is the same number on every address, where it can be', async () => {
  const ports = new Ports()
  await openListeners(ports, free(), FACTS)
  const [first, second] = ports.open
  expect(first?.port).toBe(second?.port)
})

test('"any free port" is another number where the first one’s is taken', async () => {
  const ports = new Ports({ '::1 50000': 'EADDRINUSE' })
  await openListeners(ports, free(), FACTS)
  expect(ports.list[1]).toBe('https ::1 50001')
})

test('moving keeps what is still wanted and closes the rest only when the new is open', async () => {
  const ports = new Ports()
  await openListeners(ports, PLAN, FACTS)
  const [kept] = ports.open
  await moveListeners(ports, listenPlan({ ...LISTEN, bind: ['127.0.0.1'], http: 8081 }), FACTS)
  expect(ports.list).toEqual(['https 127.0.0.1 443', 'http 127.0.0.1 8081'])
  expect(ports.open[0]).toBe(kept)
})

test('a move that fails leaves everything as it was', async () => {
  const ports = new Ports({ '9000': 'EADDRINUSE', '9001': 'EADDRINUSE' })
  await openListeners(ports, PLAN, FACTS)
  const before = ports.list
  const plan = listenPlan({ ...LISTEN, https: 8443, http: 9000, fallback: [8444, 9001] })
  await expect(moveListeners(ports, plan, FACTS)).rejects.toMatchObject({ code: 'port-taken' })
  expect(ports.list).toEqual(before)
})

/** As systems are: an address cannot be had at a port where all addresses are listened on, nor the other way round. */
class RealPorts extends Ports {
  override async listen(address: string, port: number, protocol: Listener['protocol']): Promise<Listener> {
    const taken = this.open.some(
      (one) =>
        one.port === port &&
        one.address.includes(':') === address.includes(':') &&
        [one.address, address].some((each) => each === '0.0.0.0' || each === '::'),
    )
    if (taken) throw Object.assign(new Error('EADDRINUSE'), { code: 'EADDRINUSE' })
    return super.listen(address, port, protocol)
  }
}

const EVERYWHERE = listenPlan(LISTEN, { https: 0, http: 0 }, true)

test('LAN mode listens on all addresses, whatever the command line names', () => {
  const plan = listenPlan(LISTEN, { bind: ['127.0.0.1'], https: 8443 }, true)
  expect(plan).toMatchObject({ bind: ['0.0.0.0', '::'], https: { port: 8443, fallback: null } })
})

test('from single addresses to all of them and back, ports stay, also those that were any free ones', async () => {
  const ports = new RealPorts()
  await openListeners(ports, free(), undefined)
  const before = ports.list
  expect(await moveListeners(ports, EVERYWHERE, undefined)).toEqual([])
  expect(ports.list).toEqual([...['https 0.0.0.0 50000', 'https :: 50000'], ...['http 0.0.0.0 50001', 'http :: 50001']])
  expect(await moveListeners(ports, free(), undefined)).toEqual([])
  expect(ports.list).toEqual(before)
})

test('a move to all addresses that fails leaves everything as it was', async () => {
  const ports = new RealPorts({ '0.0.0.0 80': 'EADDRINUSE' })
  await openListeners(ports, listenPlan({ ...LISTEN, fallback: [443, 80] }), undefined)
  const before = ports.list.toSorted()
  const wide = listenPlan({ ...LISTEN, fallback: [443, 80] }, {}, true)
  await expect(moveListeners(ports, wide, undefined)).rejects.toMatchObject({ code: 'port-taken' })
  expect(ports.list.toSorted()).toEqual(before)
})
