import type { OutputLine } from '../../../shared/window-schemas.js'
import { carriedStyle, plainText } from './ansi.js'

export type StreamFilter = 'all' | 'stdout' | 'stderr'

/** A line with what is needed to draw and to search it. */
export interface OutputRow {
  line: OutputLine
  /** without control sequences */
  plain: string
  /** the sequences that earlier lines of the stream left in force */
  open: string
}

/** As many as the engine keeps. */
const CAPACITY = 5_000
/** The oldest rows are cut off together, which costs less than one by one. */
const SLACK = 500

/** The latest lines of one app, oldest first. */
export class OutputBuffer {
  #rows: OutputRow[] = []
  #open: Record<OutputLine['stream'], string> = { stdout: '', stderr: '', portico: '' }
  #dropped: Record<OutputLine['stream'], number> = { stdout: 0, stderr: 0, portico: 0 }

  get rows(): readonly OutputRow[] {
    return this.#rows
  }

  /** `seq` of the newest line; 0 without any */
  get last(): number {
    return this.#rows.at(-1)?.line.seq ?? 0
  }

  /** How many lines that a filter lets through have gone from the oldest end. */
  dropped(filter: StreamFilter): number {
    const { stdout, stderr, portico } = this.#dropped
    return filter === 'all' ? stdout + stderr + portico : this.#dropped[filter]
  }

  /** Adds lines; those that are there already are left out. */
  add(lines: readonly OutputLine[]): void {
    for (const line of lines) {
      if (line.seq <= this.last) continue
      const open = this.#open[line.stream]
      this.#rows.push({ line, plain: plainText(line.text), open })
      this.#open[line.stream] = carriedStyle(open, line.text)
    }
    if (this.#rows.length <= CAPACITY + SLACK) return
    for (const { line } of this.#rows.splice(0, this.#rows.length - CAPACITY)) this.#dropped[line.stream]++
  }
}

/** The rows that a filter lets through. */
export function rowsOf(buffer: OutputBuffer, filter: StreamFilter): readonly OutputRow[] {
  return filter === 'all' ? buffer.rows : buffer.rows.filter(({ line }) => line.stream === filter)
}
