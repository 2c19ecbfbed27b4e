import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import { Fault } from '../../../../shared/fault.js'
import { formatAuthority } from '../../../../shared/hostname.js'
import { JsonStore } from './json-store.js'
import { judgeProxy } from './judge-proxy.js'
import { type ProxyContext, ProxyListener } from './proxy-listener.js'
import {
  type ProxyRecord,
  type ProxyStats,
  type ProxyView,
  type ProxyWish,
  proxyRecordSchema,
  type TokenRecord,
} from './relay-schemas.js'

export interface ProxiesOptions extends ProxyContext {
  /** absolute; see JsonStore */
  file: string
  log: Logger
  tokens(): readonly TokenRecord[]
  /** milliseconds after which a port that could not be had is tried again */
  retryMs: number
}

/** The proxies of a relay: those in its file, each with its listener. */
export class Proxies {
  readonly #options: ProxiesOptions
  readonly #store: JsonStore<ProxyRecord>
  readonly #listeners = new Map<string, ProxyListener>()
  /** changes, one after the other */
  #turn: Promise<unknown> = Promise.resolve()
  #retry: NodeJS.Timeout | null = null

  /** Listens for all that are kept. One whose port cannot be had says so, and gets it as soon as it is free. */
  static async open(options: ProxiesOptions): Promise<Proxies> {
    const proxies = new Proxies(options, await JsonStore.open(options.file, proxyRecordSchema))
    await proxies.#listenAll()
    return proxies
  }

  private constructor(options: ProxiesOptions, store: JsonStore<ProxyRecord>) {
    this.#options = options
    this.#store = store
  }

  get records(): readonly ProxyRecord[] {
    return this.#store.entries
  }

  /**
   * @returns what there is now, its port chosen
   * @throws Fault when it may not be, or its port cannot be had; nothing has changed then
   */
  create(wish: ProxyWish): Promise<ProxyRecord> {
    return this.#inTurn(async () => {
      const wanted = proxyOf(wish)
      this.#judge(wanted)
      const listener = await this.#listen(wanted)
      try {
        this.#judge(listener.record)
        await this.#store.change((records) => [...records, listener.record])
      } catch (error) {
        await listener.close('removed')
        throw error
      }
      this.#listeners.set(listener.record.id, listener)
      return listener.record
    })
  }

  /** Ends its connections too. @throws Fault `not-found` */
  remove(id: string): Promise<ProxyRecord> {
    return this.#inTurn(async () => {
      const record = findProxy(this.records, id)
      await this.#store.change((records) => records.filter((one) => one !== record))
      await this.#listeners.get(id)?.close('removed')
      this.#listeners.delete(id)
      return record
    })
  }

  list(): ProxyView[] {
    return this.records.map((record) => {
      const error = this.#listeners.get(record.id)?.error ?? null
      const agents = this.#options.agents.of(record.agent, record.localPort).length
      return { ...viewOfProxy(record), state: error === null ? 'listening' : 'failed', error, agents }
    })
  }

  stats(): ProxyStats[] {
    return this.records.flatMap(({ id }) => this.#listeners.get(id)?.stats ?? [])
  }

  async close(): Promise<void> {
    if (this.#retry !== null) clearTimeout(this.#retry)
    await this.#turn.catch(() => undefined) // told to who asked
    if (this.#retry !== null) clearTimeout(this.#retry)
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close('relay stopped')))
  }

  #judge(wanted: ProxyRecord): void {
    const fault = judgeProxy(wanted, this.records, this.#options.tokens(), Date.now())
    if (fault !== null) throw fault
  }

  async #listen(wanted: ProxyRecord): Promise<ProxyListener> {
    const listener = new ProxyListener(wanted, this.#options)
    try {
      wanted.localPort = await listener.listen()
      return listener
    } catch (error) {
      throw listenFault(wanted, error as NodeJS.ErrnoException)
    }
  }

  async #listenAll(): Promise<void> {
    const missing = this.records.filter(({ id }) => (this.#listeners.get(id)?.error ?? 'none') !== null)
    for (const record of missing) {
      const told = this.#listeners.has(record.id)
      const listener = new ProxyListener({ ...record }, this.#options)
      this.#listeners.set(record.id, listener)
      await listener.listen().catch((err) => {
        if (!told) this.#options.log.warn({ err, proxy: record.id }, 'the port of a proxy cannot be had')
      })
    }
    if ([...this.#listeners.values()].every(({ error }) => error === null)) return
    const again = () => void this.#inTurn(() => this.#listenAll())
    this.#retry = setTimeout(again, this.#options.retryMs).unref()
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(work)
    this.#turn = turn
    return turn
  }
}

export function proxyOf(wish: ProxyWish): ProxyRecord {
  const { client_id: agent, local_address: address, local_port: localPort } = wish
  const id = randomBytes(6).toString('hex')
  return { id, agent, address, localPort, remoteHost: wish.remote_host, remotePort: wish.remote_port }
}

/** A proxy as it is told while no relay runs. */
export function viewOfProxy({ id, agent, address, localPort, remoteHost, remotePort }: ProxyRecord): ProxyView {
  const remote = { remote_host: remoteHost, remote_port: remotePort }
  const local = { local_address: address, local_port: localPort }
  return { id, client_id: agent, ...remote, ...local, state: 'relay-not-running', error: null, agents: 0 }
}

/** @throws Fault `not-found` */
export function findProxy(records: readonly ProxyRecord[], id: string): ProxyRecord {
  const found = records.find((record) => record.id === id)
  if (found !== undefined) return found
  throw new Fault('not-found', `There is no proxy "${id}".`, 'See them with: portico relay proxy list')
}

function listenFault({ address, localPort }: ProxyRecord, error: NodeJS.ErrnoException): Fault {
  const where = formatAuthority(address, localPort)
  if (error.code === 'EADDRINUSE') {
    return new Fault('port-taken', `${where} is taken.`, 'Choose another local port.', { cause: error })
  }
  if (error.code === 'EACCES') {
    return new Fault('port-forbidden', `${where} may not be used by this user.`, 'Choose a port from 1024 on.')
  }
  const hint = 'Choose another address or port.'
  return new Fault('listen-failed', `${where} can not be listened on: ${error.code ?? error.message}.`, hint)
}
