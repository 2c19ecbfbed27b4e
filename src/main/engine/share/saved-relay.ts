import { X509Certificate } from 'node:crypto'
import tls from 'node:tls'
import { Fault } from '../../../shared/fault.js'
import type { ShareRelay } from '../../../shared/share-schemas.js'
import { TunnelAgent } from '../tunnel/agent/agent.js'
import type { RelayAccess } from '../tunnel/agent/open-relay.js'
import { relayAddress, shownAddress } from '../tunnel/agent/relay-address.js'
import { isToken } from './relay-faults.js'

/** How long a relay has to say welcome. */
const PATIENCE_MS = 10_000
const MAX_CA = 256 * 1024

type Environment = Readonly<Record<string, string | undefined>>

/** The address that a relay is kept by, however a person writes it. @throws Fault `usage` */
export function relayName(url: string): string {
  return shownAddress(relayAddress(url.trim()))
}

/** A relay as it is kept. @throws Fault `usage` or `certificate-invalid` for what cannot be right */
export function checkedRelay({ url, token, ca }: ShareRelay): ShareRelay {
  if (!isToken(token.trim())) {
    throw new Fault('usage', 'This is no token.', 'It is the line that "portico relay token create" has printed.')
  }
  const kept = { url: relayName(url), token: token.trim() }
  if (ca === undefined || ca.trim() === '') return kept
  requireCertificates(ca)
  return { ...kept, ca: ca.trim() }
}

/** How an agent is let in by a relay that is kept. @param env may name a proxy */
export function accessTo({ url, token, ca }: ShareRelay, env: Environment): RelayAccess {
  const authorities = [...trustedByAll(), ...(ca === undefined ? [] : [ca])]
  return { url: relayAddress(url), token, agent: null, ca: authorities, env: env as Partial<Record<string, string>> }
}

/** What the system and the runtime trust. */
export function trustedByAll(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])]
}

/**
 * Connects once, and goes again.
 *
 * @param env may name a proxy
 * @throws Fault why the relay does not let an agent in, or is not to be had
 */
export async function tryRelay(relay: ShareRelay, env: Environment): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(unanswered(relay.url, 'it takes too long')), PATIENCE_MS)
  const agent = new TunnelAgent({
    access: accessTo(relay, env),
    onEvent: (event) => {
      if (event.type === 'connected') resolve()
      else if (event.type === 'waiting') reject(unanswered(relay.url, event.reason))
      else if (event.type === 'ended' && event.fault !== null) reject(wordedFor(event.fault))
    },
  })
  try {
    await promise
  } finally {
    clearTimeout(late)
    agent.close()
  }
}

function unanswered(url: string, reason: string): Fault {
  const hint = 'Check its address, and whether it runs and this machine is online.'
  return new Fault('dial-failed', `There is no connection to the relay ${url}: ${reason}.`, hint)
}

/** Its certificate is not given by an option here. */
export function wordedFor(fault: Fault): Fault {
  if (fault.code !== 'certificate-invalid') return fault
  const hint =
    'Give the certificate of the authority that signed it. A relay with a certificate of its local CA has that in gateway/ca/ca.pem of its data directory.'
  return new Fault(fault.code, fault.message, hint)
}

function requireCertificates(pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const rest = blocks.reduce((left, block) => left.replace(block, ''), pem)
  if (blocks.length > 0 && pem.length <= MAX_CA && !rest.includes('PRIVATE KEY') && blocks.every(isCertificate)) return
  const message = 'This is no certificate of an authority.'
  throw new Fault('certificate-invalid', message, 'Paste the PEM file of it, from "-----BEGIN CERTIFICATE-----" on.')
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}
