import type { RawHeaders } from '../headers.js'
import type { Reply } from '../reply.js'

/** A reply that passes everything on: what a policy that takes part in the answer begins with. */
export class PassedReply implements Reply {
  protected readonly next: Reply

  constructor(next: Reply) {
    this.next = next
  }

  get headersSent(): boolean {
    return this.next.headersSent
  }

  get gone(): boolean {
    return this.next.gone
  }

  get pendingBytes(): number {
    return this.next.pendingBytes
  }

  get lowerCaseNames(): boolean {
    return this.next.lowerCaseNames
  }

  get closed(): Promise<void> {
    return this.next.closed
  }

  closeAfter(): void {
    this.next.closeAfter()
  }

  informational(status: 100 | 103, headers: RawHeaders): void {
    this.next.informational(status, headers)
  }

  /** May change `headers` in place: what is sent is what the log shows. */
  head(status: number, reason: string, headers: RawHeaders, options: { bodiless: boolean; trailers: boolean }): void {
    this.next.head(status, reason, headers, options)
  }

  write(chunk: Uint8Array): boolean {
    return this.next.write(chunk)
  }

  onDrain(listener: () => void): void {
    this.next.onDrain(listener)
  }

  end(chunk?: Uint8Array, trailers?: RawHeaders): void {
    this.next.end(chunk, trailers)
  }

  destroy(resetCode?: number): void {
    this.next.destroy(resetCode)
  }
}
