import dns, { type LookupAddress } from 'node:dns'
import net, { type LookupFunction } from 'node:net'

/**
 * A lost SYN is sent again after one second, then two, then four (RFC 6298): somebody who waits for that notices seconds
 * later that the network is back. So another attempt is made beside it, in milliseconds.
 */
const STAGGER_MS = 500

export interface ConnectOptions {
  host: string
  port: number
  lookup: LookupFunction | undefined
  /** milliseconds for all of it */
  timeoutMs: number
  /** aborts when nobody waits any more */
  signal: AbortSignal
}

/**
 * Connects to a host whose network may come back at any moment.
 *
 * @throws NodeJS.ErrnoException of the first attempt that fails, or with the code ETIMEDOUT
 */
export function connectSocket({ host, port, lookup, timeoutMs, signal }: ConnectOptions): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const attempts = new Set<net.Socket>()
    const addresses = once(lookup ?? dns.lookup)
    const settle = (connected: net.Socket | null) => {
      clearInterval(more)
      clearTimeout(late)
      signal.removeEventListener('abort', abort)
      for (const socket of attempts) if (socket !== connected) socket.destroy()
    }
    const fail = (error: Error) => {
      settle(null)
      reject(error)
    }
    const abort = () => fail(new Error('given up'))
    const attempt = () => {
      const socket = net.connect({ host, port, noDelay: true, lookup: addresses })
      attempts.add(socket)
      socket.on('error', fail)
      socket.once('connect', () => {
        socket.off('error', fail)
        settle(socket)
        resolve(socket)
      })
    }
    const more = setInterval(attempt, STAGGER_MS)
    const late = setTimeout(() => fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMs)
    signal.addEventListener('abort', abort)
    attempt()
  })
}

/** A resolver that does not answer has one question to answer and not one for each attempt: they take turns with files. */
function once(lookup: LookupFunction): LookupFunction {
  let known: Promise<LookupAddress[]> | null = null
  return (host, options, callback) => {
    known ??= new Promise((resolve, reject) => {
      lookup(host, { ...options, all: true }, (error, found) => {
        if (error === null) resolve(found as LookupAddress[])
        else reject(error)
      })
    })
    known.then(
      (found) => {
        const [first] = found
        if (options.all === true) callback(null, found)
        else callback(null, first?.address ?? '', first?.family ?? 0)
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
}
