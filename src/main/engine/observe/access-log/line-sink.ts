/** Where lines of a log go. It takes them at once, writes them later, and leaves out what it cannot keep meanwhile. */
export interface LineSink {
  /** lines that were left out because they could not be written in time */
  readonly dropped: number
  /** why nothing can be written at the moment, in a sentence; null when all is well */
  readonly trouble: string | null
  write(line: string): void
  /** Writes what is left, until the deadline. @param deadline performance.now() milliseconds */
  close(deadline: number): Promise<void>
}

/** A slow disk or pipe must not fill the memory. */
export const MAX_QUEUED_CHARACTERS = 8 * 1024 * 1024
