import { setTimeout as delay } from 'node:timers/promises'
import type { Authorization, Order } from 'acme-client'
import { AcmeError } from './acme-error.js'
import type { AcmeSession } from './acme-session.js'
import { failedChallenge, problemIn } from './problem-words.js'
import { type ShowChallenge, showChallenge } from './show-challenge.js'

/** An order that has been made: it is gone on with after a failure, and its key with it (RFC 8555 section 7.4). */
export interface Draft {
  order: Order
  key: string
  csr: string
}

export interface OrderOptions extends Pick<ShowChallenge, 'challenges' | 'settings'> {
  session: AcmeSession
  /** host or wildcard */
  name: string
  /** of an attempt before this one; null when there is none */
  draft: Draft | null
  /** keeps what the next attempt would go on with */
  keepDraft: (draft: Draft | null) => void
  /** the certificate that this one takes the place of (RFC 9773 section 5), null for none */
  replaces: string | null
  signal: AbortSignal
}

const POLL_FIRST_MS = 500
const POLL_MOST_MS = 10_000
const ASKED_MOST_MS = 60_000
const POLL_TOTAL_MS = 5 * 60_000

/** Gets a certificate: order, proof, signing request. PEM chain and key. Rejects with an AcmeError. */
export async function obtainCertificate(options: OrderOptions): Promise<{ pem: string; key: string }> {
  const { session, name, keepDraft } = options
  const draft = (await resumable(options)) ?? (await newDraft(options))
  keepDraft(draft)
  if (draft.order.status === 'pending') await proveAll(draft.order, options)
  const ready = await pollOrder(draft.order, ['ready', 'valid'], options)
  const signed = ready.status === 'ready' ? await session.client.finalizeOrder(ready, draft.csr) : ready
  const valid = await pollOrder(signed, ['valid'], options)
  const pem = await session.client.getCertificate(valid)
  keepDraft(null)
  if (!pem.includes('BEGIN CERTIFICATE')) throw new AcmeError(`the ACME directory sent no certificate for ${name}`)
  return { pem, key: draft.key }
}

/** The order of an earlier attempt as it is now; null when there is none that can still succeed. */
async function resumable({ draft, session, keepDraft }: OrderOptions): Promise<Draft | null> {
  if (draft === null) return null
  try {
    const order = await session.client.getOrder(draft.order)
    if (order.status !== 'invalid') return { ...draft, order }
  } catch (error) {
    if (!(error instanceof AcmeError) || error.kind !== 'failed') throw error
  }
  keepDraft(null) // expired, or of another account
  return null
}

async function newDraft({ session, name, replaces }: OrderOptions): Promise<Draft> {
  const { client, library } = session
  const identifiers = [{ type: 'dns', value: name }]
  const order = await createOrder(client, { identifiers, ...(replaces === null ? {} : { replaces }) })
  const pair = await library.crypto.createPrivateEcdsaKey('P-256')
  const [key, csr] = await library.crypto.createCsr({ commonName: '', altNames: [name] }, pair)
  return { order, key: key.toString(), csr: csr.toString() }
}

/** A directory that knows better what replaces what (RFC 9773 section 5) still issues without being told. */
async function createOrder(
  client: AcmeSession['client'],
  wish: { identifiers: Order['identifiers']; replaces?: string },
): Promise<Order> {
  try {
    return await client.createOrder(wish)
  } catch (error) {
    const hopeless = !(error instanceof AcmeError) || error.kind !== 'failed' || error.type === 'unauthorized'
    if (wish.replaces === undefined || hopeless) throw error
    return client.createOrder({ identifiers: wish.identifiers })
  }
}

async function proveAll(order: Order, options: OrderOptions): Promise<void> {
  const authorizations = await options.session.client.getAuthorizations(order)
  for (const authorization of authorizations) {
    if (authorization.status !== 'valid') await prove(authorization, order, options)
  }
}

async function prove(authorization: Authorization, order: Order, options: OrderOptions): Promise<void> {
  const { session, name, challenges, settings } = options
  const { challenge, hide } = await showChallenge({ session, name, authorization, challenges, settings })
  try {
    const answer = challenge.status === 'pending' ? await session.client.completeChallenge(challenge) : challenge
    const read = async () => {
      const [now] = await session.client.getAuthorizations({ ...order, authorizations: [authorization.url] })
      return now as Authorization
    }
    const pause = session.http.pauseAskedWith(answer)
    const proven = await poll(read, ({ status }) => status !== 'pending', pause, options)
    if (proven.status === 'valid') return
    const failed = proven.challenges.find(({ type, error }) => type === challenge.type && error !== undefined)
    throw failedChallenge(name, challenge.type as 'http-01', problemIn(failed?.error))
  } finally {
    await hide()
  }
}

/** Waits until an order is in one of the states. */
async function pollOrder(order: Order, wanted: readonly Order['status'][], options: OrderOptions): Promise<Order> {
  const { session, name } = options
  const isSettled = ({ status }: Order) => wanted.includes(status) || status === 'invalid'
  const settled = isSettled(order)
    ? order
    : await poll(() => session.client.getOrder(order), isSettled, session.http.pauseAskedWith(order), options)
  if (settled.status !== 'invalid') return settled
  options.keepDraft(null)
  throw new AcmeError(
    `the ACME directory gave up the order for ${name} (${problemIn(settled.error)?.detail ?? 'no reason given'})`,
  )
}

/** Looks again and again, at the pace that the directory asks for (RFC 8555 sections 7.4 and 7.5.1). */
async function poll<T extends object>(
  read: () => Promise<T>,
  isSettled: (item: T) => boolean,
  firstPause: number | null,
  { session, signal, name }: OrderOptions,
): Promise<T> {
  const end = performance.now() + POLL_TOTAL_MS
  let own = POLL_FIRST_MS
  for (let asked = firstPause; performance.now() < end; ) {
    await delay(asked === null ? own : Math.min(asked, ASKED_MOST_MS), undefined, { signal, ref: false })
    const item = await read()
    if (isSettled(item)) return item
    asked = session.http.pauseAskedWith(item)
    own = Math.min(own * 2, POLL_MOST_MS)
  }
  throw new AcmeError(`the ACME directory did not decide on ${name} within five minutes`)
}
