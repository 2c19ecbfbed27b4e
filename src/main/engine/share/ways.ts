import type { Logger } from 'pino'
import { Fault } from '../../../shared/fault.js'
import type { ShareRelay, ShareStart, ShareTool, ShareVia, ShareWay } from '../../../shared/share-schemas.js'
import type { Platform } from '../../platform/platform.js'
import { hashScrypt } from '../gateway/policies/basic-auth/scrypt-hash.js'
import type { AppHopOptions } from './app-hop.js'
import type { Carrier, CarrierEvent } from './carrier.js'
import { carryByRelay } from './carry-by-relay.js'
import type { GatewayIdentity } from './gateway-agent.js'
import { KeptRelays, noSuchRelay } from './kept-relays.js'
import { requirePublishable } from './relay-faults.js'
import { accessTo, checkedRelay, relayName, tryRelay } from './saved-relay.js'
import type { SharedApp } from './shared-app.js'
import { ToolShare } from './tool-share.js'
import { findTool, findTools } from './tools/find-tools.js'
import type { ToolMachine } from './tools/tool.js'
import { thisToolMachine } from './tools/tool-machine.js'
import type { ToolRunner } from './tools/tool-runner.js'
import { toolOf } from './tools/tools.js'

export interface WaysOptions {
  /** absolute */
  dataDir: string
  log: Logger
  /** Where an app is now. @throws Fault while it is nowhere */
  locate(app: string): SharedApp
  /** how the local gateway is known */
  identity: GatewayIdentity
  /** starts the programs of tools */
  programs: ToolRunner
  /** null: there are no programs on it */
  platform: Platform | null
  /** what a person's terminals have, which names tools, their accounts and proxies */
  environment(): Promise<Readonly<Record<string, string | undefined>>>
}

/** One way, ready to be gone. */
export interface Prepared {
  via: ShareVia
  /** below the relay's domain; null by any other way */
  name: string | null
  carry(tell: (event: CarrierEvent) => void): Carrier
}

/** By what apps are shown outside: relays that a person has saved, and tools that are installed. */
export class Ways {
  readonly #options: WaysOptions
  readonly #relays: KeptRelays

  constructor(options: WaysOptions) {
    this.#options = options
    this.#relays = new KeptRelays(options.dataDir)
  }

  /** @throws Fault `config-unreadable` when the saved relays cannot be told */
  async list(): Promise<ShareWay[]> {
    const relays = await this.#relays.list()
    const tools = await findTools(await this.#machine())
    return [
      ...relays.map(({ url, ca }) => ({ kind: 'relay' as const, url, customCa: ca !== undefined })),
      ...tools.map((found) => ({ kind: 'tool' as const, ...found })),
    ]
  }

  /** @throws Fault what is wrong with the wish, or keeps this way from being gone */
  prepare(wish: ShareStart): Promise<Prepared> {
    return wish.via.kind === 'relay' ? this.#byRelay(wish, wish.via.url) : this.#byTool(wish, wish.via.tool)
  }

  /** @throws Fault what is wrong with it, or why the relay does not let this machine in */
  async save(wish: ShareRelay): Promise<void> {
    const relay = checkedRelay(wish)
    await this.#relays.list() // before the relay is asked: a damaged file is not written over
    await tryRelay(relay, await this.#options.environment())
    await this.#relays.save(relay)
  }

  /** @throws Fault `not-found` */
  forget(url: string): Promise<void> {
    return this.#relays.forget(relayName(url))
  }

  async #byRelay({ app, name = app, lifetimeMs, login }: ShareStart, written: string): Promise<Prepared> {
    const url = relayName(written)
    const relay = (await this.#relays.list()).find((one) => one.url === url)
    if (relay === undefined) throw noSuchRelay(url)
    const publication = {
      name: requirePublishable(name),
      lifetimeMs: lifetimeMs ?? null,
      login: await hashed(login), // the relay need not know the password
    }
    const access = accessTo(relay, await this.#options.environment())
    const hop = this.#hop(app)
    return {
      via: { kind: 'relay', url },
      name: publication.name,
      carry: (tell) => carryByRelay({ access, publication, ...hop }, tell),
    }
  }

  async #byTool({ app, name, login: given }: ShareStart, tool: ShareTool): Promise<Prepared> {
    if (name !== undefined) {
      throw new Fault('usage', `${toolOf(tool).title} chooses the name by itself.`, 'Leave the name out.')
    }
    const { program, obstacle } = await findTool(toolOf(tool), await this.#machine())
    if (program === null || obstacle !== null) {
      const code = program === null ? 'not-found' : 'conflict'
      throw new Fault(code, obstacle?.message ?? `${toolOf(tool).title} is not installed.`, obstacle?.hint)
    }
    const { log, programs: runner } = this.#options
    const login = await hashed(given)
    const hop = this.#hop(app)
    return {
      via: { kind: 'tool', tool },
      name: null,
      carry: (tell) => new ToolShare({ tool, program, runner, login, log, ...hop }, tell),
    }
  }

  #hop(app: string): Pick<AppHopOptions, 'locate' | 'ca' | 'isOwn' | 'onFailure'> {
    const { log, locate, identity } = this.#options
    return {
      ...identity,
      locate: async () => locate(app),
      onFailure: (reason) => log.info({ app, reason }, 'a visitor of a shared app could not be served'),
    }
  }

  async #machine(): Promise<ToolMachine> {
    const { platform, environment } = this.#options
    if (platform !== null) return thisToolMachine(platform, await environment())
    return { ...thisToolMachine('linux', {}), runnable: async () => false }
  }
}

async function hashed(login: ShareStart['login']): Promise<{ user: string; passwordHash: string } | null> {
  if (login === undefined) return null
  return { user: login.user.normalize('NFC'), passwordHash: await hashScrypt(login.password.normalize('NFC')) }
}
