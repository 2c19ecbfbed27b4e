import { stripVTControlCharacters } from 'node:util'
import type { Failure, ReadLine, ToolSign } from './tool.js'
import type { ToolExit } from './tool-runner.js'

const MAX_WORDS = 300

/** What one run of a tool says, and what its end means by that. */
export class ToolOutput {
  /** why it will not work this time */
  failure: Failure | null = null
  readonly #read: ReadLine
  #note: string | null = null

  constructor(read: ReadLine) {
    this.#read = read
  }

  hear(line: string): ToolSign | null {
    // What follows a failure is its consequence.
    if (this.failure !== null) return null
    const sign = this.#read(stripVTControlCharacters(line).trimEnd())
    if (sign?.type === 'failed') this.failure = sign
    else if (sign?.type === 'note') this.#note = sign.message
    else if (sign?.type === 'open') this.#note = null
    return sign
  }

  /** @param title of the tool */
  meaningOf({ code, signal }: ToolExit, title: string): Failure {
    if (this.failure !== null) return this.failure
    const how = signal !== null ? `was ended by ${signal}` : `ended with code ${code}`
    const words = this.#note === null ? '' : `: ${this.#note.slice(0, MAX_WORDS)}`
    return { message: `${title} ${how}${words}`.replace(/[^.!?]$/, '$&.'), again: 'later', unexplained: true }
  }
}
