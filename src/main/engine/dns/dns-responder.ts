import dgram from 'node:dgram'
import net from 'node:net'
import type { Problem } from '../../../shared/contract.js'
import { answerQuery, type Zone } from './answer-query.js'
import { answerTcp } from './tcp-queries.js'

export interface DnsSettings {
  enabled: boolean
  /** UDP and TCP; 0 takes any free one */
  port: number
}

interface Sockets {
  port: number
  close(): Promise<void>
}

/** This machine only: what answers everybody is used to flood somebody. */
const ADDRESSES = ['127.0.0.1', '::1']
const MAX_CONNECTIONS = 64
const ATTEMPTS = 5
const CLOSED: DnsSettings = { enabled: false, port: 0 }

/** Answers DNS queries for the hosts of the apps, where the system was told to ask. */
export class DnsResponder {
  readonly #zone: Zone
  #settings: DnsSettings = CLOSED
  #ended = false
  #sockets: Sockets | null = null
  #problem: Problem | null = null
  /** settings are applied one after the other */
  #changes: Promise<void> = Promise.resolve()

  constructor(zone: Zone) {
    this.#zone = zone
  }

  /** null while it does not answer */
  get port(): number | null {
    return this.#sockets?.port ?? null
  }

  /** why it does not answer although it shall, in plain sentences */
  get warnings(): Problem[] {
    return this.#problem === null ? [] : [this.#problem]
  }

  /** Opens, moves or closes it. Never rejects: the gateway works without it, and `warnings` has the reason. */
  apply(settings: DnsSettings): Promise<void> {
    this.#changes = this.#changes.then(() => this.#apply(settings))
    return this.#changes
  }

  /** For good. */
  async close(): Promise<void> {
    await this.apply(CLOSED)
    this.#ended = true
  }

  async #apply(settings: DnsSettings): Promise<void> {
    if (this.#ended) return
    const same = settings.enabled === this.#settings.enabled && settings.port === this.#settings.port
    if (same && this.#problem === null) return
    this.#settings = settings
    this.#problem = null
    await this.#sockets?.close()
    this.#sockets = null
    if (!settings.enabled) return
    try {
      this.#sockets = await openSockets(settings.port, this.#zone)
    } catch (error) {
      this.#problem = { path: 'dns.port', message: reasonOf(error as NodeJS.ErrnoException, settings.port) }
    }
  }
}

/** The same port everywhere; with any free one, several are tried. */
async function openSockets(port: number, zone: Zone): Promise<Sockets> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openAll(port, zone)
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (port !== 0 || !taken || attempt === ATTEMPTS) throw error
    }
  }
}

/** On all addresses or on none; one that this machine does not have is left out. */
async function openAll(port: number, zone: Zone): Promise<Sockets> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => void (await Promise.all(closers.map((one) => one())))
  let chosen = port
  try {
    for (const address of ADDRESSES) {
      try {
        const udp = await openUdp(address, chosen, zone)
        closers.push(udp.close)
        chosen = udp.port
        closers.push((await openTcp(address, chosen, zone)).close)
      } catch (error) {
        if (!isMissingAddress(error as NodeJS.ErrnoException)) throw error
      }
    }
    if (closers.length === 0) throw Object.assign(new Error('no loopback address'), { code: 'EADDRNOTAVAIL' })
    return { port: chosen, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openUdp(address: string, port: number, zone: Zone): Promise<Sockets> {
  const v6 = address.includes(':')
  const socket = dgram.createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6 })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject)
      resolve()
    })
  })
  socket.on('error', () => undefined) // of a client that has gone; the others are answered
  socket.on('message', (query, peer) => {
    const reply = peer.port === 0 ? null : answerQuery(query, zone, 'udp')
    if (reply !== null) socket.send(reply, peer.port, peer.address, () => undefined)
  })
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  }
}

async function openTcp(address: string, port: number, zone: Zone): Promise<Sockets> {
  const open = new Set<net.Socket>()
  const server = net.createServer({ noDelay: true }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    answerTcp(socket, (query) => answerQuery(query, zone, 'tcp'))
  })
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address, port, ipv6Only: address.includes(':'), exclusive: true }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', () => undefined) // while accepting: the client of the moment sees it
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

function isMissingAddress({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

function reasonOf(error: NodeJS.ErrnoException, port: number): string {
  const why =
    error.code === 'EADDRINUSE'
      ? `Port ${port} is taken by another process.`
      : error.code === 'EACCES'
        ? `Listening on port ${port} is not permitted.`
        : `Listening on port ${port} failed (${error.code ?? error.message}).`
  return `${why} DNS queries are not answered. Choose another port in the config under "dns".`
}
