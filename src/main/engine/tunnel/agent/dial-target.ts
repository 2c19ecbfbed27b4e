import dns from 'node:dns'
import net from 'node:net'
import type { TunnelErrorName, TunnelTarget } from '../frames.js'
import { SPLICED } from '../splice.js'
import { TunnelError } from '../tunnel-stream.js'
import { type AllowFacts, judgeTarget, knownAddresses, mayResolve } from './allow-list.js'

/** The next address is tried beside one that has not answered for so long. */
const NEXT_ADDRESS_MS = 1_000
/** Stands where a name would be resolved a second time, and never is. */
const RESOLVED = 'resolved.invalid'

export interface DialOptions {
  facts: AllowFacts
  /** milliseconds for all of it */
  timeoutMs: number
  /** aborts when nobody waits any more */
  signal: AbortSignal
  /** all addresses of a name; the system's resolver unless given */
  lookup?: (host: string) => Promise<readonly string[]>
}

/**
 * Connects to a TCP target that the allow-list permits. The name is resolved once; what is judged is what is dialled.
 *
 * @returns a socket with the options `SPLICED`
 * @throws TunnelError `forbidden`, `unreachable`, `timeout` or `limit`, with a reason that may be told to the relay
 */
export async function dialTarget(
  { host, port }: Extract<TunnelTarget, { kind: 'tcp' }>,
  options: DialOptions,
): Promise<net.Socket> {
  const late = AbortSignal.timeout(options.timeoutMs)
  const ended = AbortSignal.any([options.signal, late])
  const place = net.isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
  try {
    const addresses = await addressesOf(host, port, options, ended)
    const verdicts = addresses.map((address) => judgeTarget({ host, port, address }, options.facts))
    const allowed = addresses.filter((_, at) => verdicts[at]?.allowed === true)
    const refusal = verdicts.find((verdict) => !verdict.allowed)
    if (allowed.length === 0) throw forbidden(place, refusal?.allowed === false ? refusal.reason : 'it has no address')
    return await connect(allowed, port, ended)
  } catch (thrown) {
    if (thrown instanceof TunnelError) throw thrown
    if (late.aborted) throw new TunnelError('timeout', `${place} did not answer in ${options.timeoutMs / 1000} s`)
    throw new TunnelError(errorOf(codeOf(thrown)), `${place}: ${codeOf(thrown)}`)
  }
}

/** By the code of a failed connection or lookup. */
export function errorOf(code: string): TunnelErrorName {
  if (code === 'ETIMEDOUT' || code === 'EAI_AGAIN') return 'timeout'
  return code === 'EMFILE' || code === 'ENFILE' || code === 'ENOBUFS' ? 'limit' : 'unreachable'
}

async function addressesOf(
  host: string,
  port: number,
  { facts, lookup = systemLookup }: DialOptions,
  ended: AbortSignal,
): Promise<readonly string[]> {
  const known = knownAddresses(host)
  if (known !== null) return known
  if (!mayResolve(host, port, facts)) throw forbidden(`${host}:${port}`, 'it is not allowed')
  return await untilAborted(lookup(host), ended)
}

async function systemLookup(host: string): Promise<readonly string[]> {
  return (await dns.promises.lookup(host, { all: true })).map(({ address }) => address)
}

/** To whichever of the addresses answers first, in their order (RFC 8305). */
async function connect(addresses: readonly string[], port: number, ended: AbortSignal): Promise<net.Socket> {
  const socket = net.connect({
    host: RESOLVED,
    port,
    ...SPLICED,
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    lookup: (_host, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: net.isIPv6(address) ? 6 : 4 })),
      ),
  })
  const connected = new Promise<net.Socket>((resolve, reject) => {
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })
  try {
    return await untilAborted(connected, ended)
  } catch (thrown) {
    socket.destroy()
    throw thrown
  }
}

function untilAborted<T>(work: Promise<T>, ended: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(ended.reason)
    if (ended.aborted) abort()
    ended.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => ended.removeEventListener('abort', abort))
  })
}

function forbidden(place: string, reason: string): TunnelError {
  return new TunnelError('forbidden', `${place} is not for this agent to connect to: ${reason}`)
}

/** Several addresses that failed say the same in most cases: the first one's code stands for all. */
function codeOf(thrown: unknown): string {
  const first = thrown instanceof AggregateError ? thrown.errors[0] : thrown
  return (first as NodeJS.ErrnoException | undefined)?.code ?? 'ECONNABORTED'
}
