import { createHash, randomBytes } from 'node:crypto'
import { Fault } from '../../../../shared/fault.js'
import { JsonStore } from './json-store.js'
import { type TokenMade, type TokenRecord, type TokenView, type TokenWish, tokenRecordSchema } from './relay-schemas.js'

const PREFIX = 'ptk_'

/** The tokens of a relay, by what they hash to. */
export class TokenStore {
  readonly #store: JsonStore<TokenRecord>

  /** @param file absolute @throws Fault `config-unreadable` */
  static async open(file: string): Promise<TokenStore> {
    return new TokenStore(await JsonStore.open(file, tokenRecordSchema))
  }

  private constructor(store: JsonStore<TokenRecord>) {
    this.#store = store
  }

  get records(): readonly TokenRecord[] {
    return this.#store.entries
  }

  /** @throws Fault `bad-request` for a token that would be good for nothing */
  async create(wish: TokenWish): Promise<TokenMade> {
    const token = PREFIX + randomBytes(32).toString('base64url')
    const record = recordOf(wish, hashOf(token))
    await this.#store.change((records) => [...records, record])
    return { ...viewOfToken(record), token }
  }

  /** @throws Fault `not-found` */
  async revoke(id: string): Promise<TokenRecord> {
    const found = this.records.find((record) => record.id === id)
    if (found === undefined) throw unknownToken(id)
    await this.#store.change((records) => records.filter((record) => record.id !== id))
    return found
  }

  /** Whose token this is; null for one that is not, or no longer, good. */
  find(token: string): TokenRecord | null {
    const hash = hashOf(token)
    const record = this.records.find((one) => one.hash === hash)
    return record === undefined || hasExpired(record, Date.now()) ? null : record
  }
}

/** @param now milliseconds since the epoch */
export function hasExpired({ expires }: TokenRecord, now: number): boolean {
  return expires !== null && Date.parse(expires) <= now
}

/** A record without the hash, as it may be shown. */
export function viewOfToken(record: TokenRecord): TokenView {
  const { id, agent, admin, ports, created, expires, limits } = record
  return {
    id,
    client_id: agent,
    admin,
    ports,
    created_at: created,
    expires_at: expires,
    expired: hasExpired(record, Date.now()),
    max_connections: limits.connections,
    max_proxies: limits.proxies,
    max_bandwidth: limits.bandwidth,
  }
}

function recordOf(wish: TokenWish, hash: string): TokenRecord {
  if (wish.client_id === null && !wish.admin) {
    throw new Fault('bad-request', 'A token must be of an agent, or for administration.', 'Name the agent.')
  }
  if (wish.expires_at !== null && Date.parse(wish.expires_at) <= Date.now()) {
    throw new Fault('bad-request', 'The token would have expired already.', 'Choose a time to come.')
  }
  return {
    id: randomBytes(6).toString('hex'),
    hash,
    agent: wish.client_id,
    admin: wish.admin,
    ports: wish.ports,
    limits: { connections: wish.max_connections, proxies: wish.max_proxies, bandwidth: wish.max_bandwidth },
    created: new Date().toISOString(),
    expires: wish.expires_at,
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function unknownToken(id: string): Fault {
  return new Fault('not-found', `There is no token "${id}".`, 'See them with: portico relay token list')
}
