import type { Reply } from './reply.js'

/** The way back of a request that the gateway makes for itself: leads nowhere, and has room for everything. */
export class UnreadReply implements Reply {
  headersSent = false
  readonly gone = false
  readonly pendingBytes = 0
  readonly lowerCaseNames = false
  readonly closed: Promise<void>
  #close!: () => void

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
  }

  closeAfter(): void {}

  informational(): void {}

  head(): void {
    this.headersSent = true
  }

  write(): boolean {
    return true
  }

  onDrain(): void {}

  end(): void {
    this.#close()
  }

  destroy(): void {
    this.#close()
  }
}
