import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import { promisify } from 'node:util'
import { type Answer, type DecodedPacket, decode, encode, type Packet } from 'dns-packet'
import { expect, onTestFinished, test } from 'vitest'
import { MdnsResponder, type MdnsSettings } from '../../../../src/main/engine/mdns/mdns-responder.js'
import type { NetworkAddress } from '../../../../src/main/engine/network-addresses.js'
import { until } from '../../../support/wait.js'

/** All of this goes over the loopback interface, where other responders of the machine hear it at most. */

const run = promisify(execFile)
const GROUP = '224.0.0.251'
const V4: NetworkAddress = { interface: 'lo', address: '127.0.0.1', family: 4, cidr: '127.0.0.1/8', scope: 0 }
const V6: NetworkAddress = { interface: 'lo', address: '::1', family: 6, cidr: '::1/128', scope: 0 }
const DIG = ['-p', '5353', '+time=3', '+tries=1']
let names = 0

/** Machines of a network have different names, and so have tests. */
function freshName(): string {
  names += 1
  return `portico-${process.pid}-${names}.local`
}

function settings(...own: string[]): MdnsSettings {
  return { enabled: true, names: own, families: [4, 6] }
}

async function start(own: string[], addresses: () => NetworkAddress[] = () => [V4]): Promise<MdnsResponder> {
  const responder = new MdnsResponder(addresses)
  onTestFinished(() => responder.close())
  await responder.apply(settings(...own))
  return responder
}

interface Heard {
  packet: DecodedPacket
  port: number
}

/** Another machine of the network: at the port of mDNS it hears what all hear, at any other one it is a plain resolver. */
class Neighbour {
  readonly heard: Heard[] = []
  readonly #socket: dgram.Socket

  static async join(port = 5353, address = '127.0.0.3'): Promise<Neighbour> {
    const listener = dgram.createSocket({ type: 'udp4', reuseAddr: true })
    const sender = dgram.createSocket({ type: 'udp4', reuseAddr: true })
    const neighbour = new Neighbour(sender)
    const take = (message: Buffer, { port: from }: dgram.RemoteInfo) =>
      void neighbour.heard.push({ packet: decode(message), port: from })
    listener.on('message', take)
    sender.on('message', take)
    onTestFinished(() => {
      listener.close()
      sender.close()
    })
    await new Promise<void>((resolve) => listener.bind(5353, GROUP, resolve))
    listener.addMembership(GROUP, '127.0.0.1')
    await new Promise<void>((resolve) => sender.bind(port, address, resolve))
    sender.setMulticastInterface('127.0.0.1')
    return neighbour
  }

  private constructor(socket: dgram.Socket) {
    this.#socket = socket
  }

  send(packet: Packet, change: (bytes: Buffer) => Buffer = (bytes) => bytes, to = GROUP): void {
    this.#socket.send(change(encode(packet)), 5353, to)
  }

  ask(name: string, type: 'A' | 'TXT', more: Packet = {}, change?: (bytes: Buffer) => Buffer, to = GROUP): void {
    this.send({ type: 'query', questions: [{ type, class: 'IN', name }], ...more }, change, to)
  }

  /** what was said of a name by answers, the records of all together */
  answers(name: string): Answer[] {
    return this.responses(name)
      .flatMap(({ packet }) => packet.answers ?? [])
      .filter((one) => one.name === name)
  }

  responses(name: string): Heard[] {
    return this.heard.filter(
      ({ packet }) => packet.type === 'response' && packet.answers?.some((one) => one.name === name) === true,
    )
  }

  probes(name: string): Heard[] {
    return this.heard.filter(
      ({ packet }) => packet.type === 'query' && packet.authorities?.some((one) => one.name === name) === true,
    )
  }
}

/** Sets the bit of the first question that asks for an answer by unicast. */
function wantUnicast(bytes: Buffer): Buffer {
  const classAt = bytes.indexOf(0, 12) + 3
  bytes[classAt] = 0x80
  return bytes
}

test('a name is asked for three times, announced twice with all caches told, and then held', async () => {
  const name = freshName()
  const neighbour = await Neighbour.join()
  const responder = await start([name])
  await until(() => neighbour.answers(name).filter(({ type }) => type === 'A').length === 2, 'two announcements')
  expect(neighbour.probes(name)).toHaveLength(3)
  expect(neighbour.probes(name)[0]?.packet).toMatchObject({
    questions: [{ name, type: 'ANY', class: 'UNKNOWN_32769' }],
    authorities: [{ name, type: 'A', data: '127.0.0.1' }],
  })
  expect(neighbour.responses(name)[0]).toMatchObject({ port: 5353, packet: { id: 0, flag_aa: true } })
  expect(neighbour.answers(name)[0]).toMatchObject({ type: 'A', ttl: 120, flush: true, data: '127.0.0.1' })
  expect(responder.held).toEqual([name])
  expect(responder.warnings).toEqual([])
})

test('dig finds a name, and that it has no other address', async () => {
  const name = freshName()
  const responder = await start([name])
  await until(() => responder.held.includes(name), 'the name is held')
  const dig = async (...args: string[]) => (await run('dig', [...DIG, '@127.0.0.1', ...args])).stdout
  expect(await dig('+short', name, 'A')).toBe('127.0.0.1\n')
  const none = await dig(name, 'AAAA')
  expect(none).toContain('status: NOERROR')
  expect(none).toMatch(new RegExp(`${name}\\.\\s+10\\s+IN\\s+NSEC\\s+${name}\\. A`))
})

test('who asks for a unicast answer gets one, and so does who asks this machine alone', async () => {
  const name = freshName()
  const responder = await start([name])
  await until(() => responder.held.includes(name), 'the name is held')
  const neighbour = await Neighbour.join(5353, '127.0.0.4')
  neighbour.ask(name, 'A', {}, wantUnicast)
  await until(() => neighbour.answers(name).length > 0, 'an answer')
  expect(neighbour.answers(name)[0]).toMatchObject({ type: 'A', ttl: 120, flush: true, data: '127.0.0.1' })
  const plain = await Neighbour.join(0, '127.0.0.5')
  plain.ask(name, 'A', { id: 77 }, undefined, '127.0.0.1')
  await until(() => plain.heard.some(({ packet }) => packet.id === 77), 'an answer of DNS')
  expect(plain.heard.find(({ packet }) => packet.id === 77)?.packet).toMatchObject({
    type: 'response',
    questions: [{ name, type: 'A' }],
    answers: [{ name, type: 'A', ttl: 10, flush: false, data: '127.0.0.1' }],
  })
})

test('what the asker knows is not repeated, and other names are not answered for', async () => {
  const [name, other] = [freshName(), freshName()]
  const responder = await start([name, other])
  await until(() => responder.held.length === 2, 'both names are held')
  const neighbour = await Neighbour.join()
  await until(() => neighbour.answers(other).some(({ type }) => type === 'A'), 'the second announcement')
  neighbour.heard.length = 0
  const known: Answer = { type: 'A', name, ttl: 100, data: '127.0.0.1' }
  neighbour.ask(name, 'A', { answers: [known] }, wantUnicast)
  neighbour.ask('somebody-else.local', 'A', {}, wantUnicast)
  neighbour.ask(other, 'TXT', {}, wantUnicast) // answered after the others: then they were not
  await until(() => neighbour.answers(other).length > 0, 'the answer to the last question')
  expect(neighbour.answers(other)).toMatchObject([{ type: 'NSEC', data: { nextDomain: other, rrtypes: ['A'] } }])
  expect(neighbour.answers(name)).toEqual([])
  expect(neighbour.responses('somebody-else.local')).toEqual([])
})

test('a name that goes is taken back, and so are all when it ends', async () => {
  const [name, other] = [freshName(), freshName()]
  const neighbour = await Neighbour.join()
  const responder = await start([name, other])
  await until(() => responder.held.length === 2, 'both names are held')
  await responder.apply(settings(other))
  await until(() => neighbour.answers(name).some((one) => 'ttl' in one && one.ttl === 0), 'the goodbye of one')
  expect(neighbour.answers(other).some((one) => 'ttl' in one && one.ttl === 0)).toBe(false)
  await responder.close()
  await until(() => neighbour.answers(other).some((one) => 'ttl' in one && one.ttl === 0), 'the goodbye of the other')
  expect(responder.held).toEqual([])
})

test('a name that another machine defends is not claimed, and said; when that goes, it is', async () => {
  const name = freshName()
  const neighbour = await Neighbour.join()
  const theirs: Answer = { type: 'A', name, ttl: 120, flush: true, data: '192.0.2.77' }
  const responder = await start([name])
  await until(() => neighbour.probes(name).length > 0, 'the first probe')
  neighbour.send({ type: 'response', answers: [theirs] })
  await until(() => responder.warnings.length > 0, 'a warning')
  expect(responder.warnings[0]).toMatchObject({ path: 'lan.mdns', message: expect.stringContaining(name) })
  expect(responder.warnings[0]?.message).toContain('127.0.0.3')
  expect(responder.held).toEqual([])
  neighbour.send({ type: 'response', answers: [{ ...theirs, ttl: 0 }] })
  await until(() => responder.held.includes(name), 'the name is claimed')
  expect(responder.warnings).toEqual([])
})

test('an interface that comes later gets the names, and without a network nothing happens', async () => {
  const name = freshName()
  let addresses: NetworkAddress[] = []
  const responder = await start([name], () => addresses)
  expect(responder.warnings).toEqual([])
  const neighbour = await Neighbour.join()
  addresses = [V4]
  await responder.apply(settings(name))
  await until(() => neighbour.answers(name).length > 0, 'an announcement')
})

test('both families are answered, over both', async () => {
  const name = freshName()
  const responder = await start([name], () => [V4, V6])
  await until(() => responder.held.includes(name), 'the name is held')
  const dig = async (at: string, type: string) => (await run('dig', [...DIG, `@${at}`, '+short', name, type])).stdout
  expect(await dig('127.0.0.1', 'AAAA')).toBe('::1\n')
  expect(await dig('::1', 'A')).toBe('127.0.0.1\n')
})

test('an interface of which nothing can be had leaves the others, and is said', async () => {
  const name = freshName()
  const gone: NetworkAddress = {
    interface: 'gone0',
    address: '203.0.113.9',
    family: 4,
    cidr: '203.0.113.9/24',
    scope: 0,
  }
  const responder = await start([name], () => [gone, V4])
  await until(() => responder.held.includes(name), 'the name is held')
  expect(responder.warnings[0]?.message).toContain('EADDRNOTAVAIL')
})
