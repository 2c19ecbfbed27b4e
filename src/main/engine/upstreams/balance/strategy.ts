/** A backend as a balance strategy sees it. */
export interface Candidate {
  readonly weight: number
  /** requests and tunnels under way */
  readonly inFlight: number
  /** tells it from the others of its route, also across configs; 32 bits */
  readonly hash: number
  /** the strategy's own account of it; 0 at first */
  credit: number
}

/** Chooses one of the candidates; those without weight are never chosen. */
export interface Strategy<T extends Candidate> {
  /**
   * @param candidates those that may be chosen now; they come and go between calls
   * @param client the client's address
   * @returns null when no candidate has a weight above 0
   */
  pick(candidates: readonly T[], client: string): T | null
}
