import { isLoopbackHost } from '../../../../shared/hostname.js'

/** Connections from one address that have not become an agent's. */
const MOST_OF_ADDRESS = 100

/**
 * Connections that nobody knows yet, by where they come from: one address does not take the place of all others. A server
 * in front of the relay, on the same machine, speaks for many.
 */
export class Strangers {
  readonly #most: number
  readonly #counts = new Map<string, number>()

  constructor(most = MOST_OF_ADDRESS) {
    this.#most = most
  }

  /** @returns gives the place back, once or more often; null when there is none */
  enter(address: string): (() => void) | null {
    if (isLoopbackHost(address.replace(/^::ffff:/, ''))) return () => {}
    const origin = originOf(address)
    const count = this.#counts.get(origin) ?? 0
    if (count >= this.#most) return null
    this.#counts.set(origin, count + 1)
    let left = false
    return () => {
      if (!left) this.#leave(origin)
      left = true
    }
  }

  #leave(origin: string): void {
    const count = (this.#counts.get(origin) ?? 0) - 1
    if (count <= 0) this.#counts.delete(origin)
    else this.#counts.set(origin, count)
  }
}

/** Of IPv6 the network: whoever has one has all of its addresses. */
function originOf(address: string): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address.replace(/^::ffff:/, '')
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const before = head.split(':').filter((part) => part !== '')
  const after = (tail ?? '').split(':').filter((part) => part !== '')
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length
  return [...before, ...Array.from({ length: Math.max(zeros, 0) }, () => '0'), ...after].slice(0, 4).join(':')
}
