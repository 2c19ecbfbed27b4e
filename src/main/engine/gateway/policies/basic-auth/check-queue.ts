export interface QueueBounds {
  /** checks at once */
  running: number
  /** checks that wait for their turn */
  waiting: number
  /** of these, those of one client */
  waitingOfClient: number
}

interface Waiting {
  client: string
  start(): void
}

/** Lets a few checks run at once and a few more wait. Clients take turns, so that a flood from one delays no other. */
export class CheckQueue {
  readonly #bounds: QueueBounds
  readonly #waiting: Waiting[] = []
  #running = 0
  #lastClient = ''

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  /** @returns null when there are too many already: nothing was done, and nothing will be */
  run<T>(client: string, task: () => Promise<T>): Promise<T> | null {
    if (this.#running < this.#bounds.running) return this.#start(client, task)
    if (this.#waiting.length >= this.#bounds.waiting) return null
    if (this.#waiting.filter((one) => one.client === client).length >= this.#bounds.waitingOfClient) return null
    return new Promise((resolve, reject) => {
      this.#waiting.push({ client, start: () => this.#start(client, task).then(resolve, reject) })
    })
  }

  async #start<T>(client: string, task: () => Promise<T>): Promise<T> {
    this.#running += 1
    this.#lastClient = client
    try {
      return await task()
    } finally {
      this.#running -= 1
      this.#next()
    }
  }

  #next(): void {
    const other = this.#waiting.findIndex(({ client }) => client !== this.#lastClient)
    this.#waiting.splice(Math.max(0, other), 1)[0]?.start()
  }
}
