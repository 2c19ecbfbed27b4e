import { leasePort } from './port-lease.js'

/** The ports that were given to apps, which may take a while to listen on them. */
export class PortLeases {
  readonly #leased = new Map<string, number>()

  /**
   * @param first the port that is tried first
   * @param isFixed true for ports that the config gives to an app
   */
  async lease(app: string, first: number, isFixed: (port: number) => boolean): Promise<number> {
    const port = await leasePort(first, (one) => isFixed(one) || this.#isOthers(app, one))
    this.#leased.set(app, port)
    return port
  }

  forget(app: string): void {
    this.#leased.delete(app)
  }

  #isOthers(app: string, port: number): boolean {
    for (const [owner, leased] of this.#leased) if (leased === port && owner !== app) return true
    return false
  }
}
