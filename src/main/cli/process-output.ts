import { Fault } from '../../shared/fault.js'
import type { OutputLine } from '../../shared/window-schemas.js'
import type { ControlClient } from '../engine/control/control-client.js'
import { plainJson } from './escape.js'
import { formatOutput } from './format-output.js'
import { withEngine } from './locate.js'
import { note, print } from './output.js'
import { OutputFeed } from './output-feed.js'
import type { CommonOptions } from './program.js'
import { untilUnwanted } from './until-unwanted.js'

export interface ProcessOutputOptions extends CommonOptions {
  app: string
  follow?: boolean
  json?: boolean
  lines?: number
}

/** As many as the engine keeps. */
const RING = 5_000
/** What is printed faster than it is read is held up to so many bytes; what comes then is asked for later. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024

type Show = (lines: readonly OutputLine[]) => void

/** `portico logs --app NAME --output`: what an app's process printed, and with --follow what it prints until SIGINT. */
export async function processOutput(options: ProcessOutputOptions): Promise<void> {
  const { app, lines: wanted = RING } = options
  const show: Show = (lines) => {
    for (const line of lines) print(options.json === true ? plainJson(line) : formatOutput(line))
  }
  if (options.follow === true) {
    const follower = new Follower(app, show)
    await withEngine(
      options,
      (engine) => follower.follow(engine, wanted),
      () => follower.catchUp(),
    )
  } else {
    await withEngine(options, async (engine) => show(wanted === 0 ? [] : await latest(engine, app, wanted)))
  }
}

/** Follows the output of one app without gap or duplicate, over every restart of its process. */
class Follower {
  readonly #app: string
  readonly #show: Show
  readonly #feed = new OutputFeed()
  readonly #failure = Promise.withResolvers<never>()
  #engine: ControlClient | null = null
  /** what is shown is shown one after the other */
  #turn: Promise<void> = Promise.resolve()
  #behind = false

  constructor(app: string, show: Show) {
    this.#app = app
    this.#show = show
  }

  /** @param wanted how many of the lines that were printed before */
  async follow(engine: ControlClient, wanted: number): Promise<void> {
    const interrupted = untilUnwanted()
    this.#engine = engine
    // Followed first and asked then, so that nothing is lost between. What comes meanwhile waits for its turn.
    engine.on('output', ({ app, lines }) => {
      if (app === this.#app && !this.#isBehind()) this.#inTurn(() => this.#take(lines))
    })
    this.#inTurn(async () => {
      const { lines } = this.#feed.take(await latest(engine, this.#app, Math.max(wanted, 1)), true)
      this.#show(lines.slice(Math.max(0, lines.length - wanted)))
    })
    const gone = engine.closed.then(() => 'gone' as const)
    if ((await Promise.race([interrupted, gone, this.#failure.promise])) === 'unwanted') return
    throw new Fault('not-running', 'Portico has stopped.', 'Start it with: portico serve')
  }

  /** A reader that was too slow was not sent everything: what the engine still has is fetched. */
  catchUp(): void {
    this.#inTurn(() => this.#fetchMissing([]))
  }

  #isBehind(): boolean {
    if (this.#behind || process.stdout.writableLength < MAX_UNREAD_BYTES) return this.#behind
    this.#behind = true
    process.stdout.once('drain', () => {
      this.#behind = false
      this.catchUp()
    })
    return true
  }

  async #take(lines: readonly OutputLine[]): Promise<void> {
    const next = this.#feed.take(lines)
    if (next.missing === 0) this.#show(next.lines)
    else await this.#fetchMissing(lines)
  }

  async #fetchMissing(lines: readonly OutputLine[]): Promise<void> {
    if (this.#engine === null) return
    const fetched = await latest(this.#engine, this.#app, RING, this.#feed.last)
    const caughtUp = this.#feed.take(fetched.length === 0 ? lines : fetched, true)
    if (caughtUp.missing > 0) note(`${caughtUp.missing} lines came faster than they could be read, and are lost.`)
    this.#show(caughtUp.lines)
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch(this.#failure.reject)
  }
}

/** Very long lines may not fit one answer: then fewer are asked for, and that is said. */
async function latest(engine: ControlClient, app: string, wanted: number, after?: number): Promise<OutputLine[]> {
  for (let limit = Math.min(wanted, RING); ; limit = Math.ceil(limit / 2)) {
    try {
      const lines = await engine.call('output.list', { app, limit, ...(after === undefined ? {} : { after }) })
      if (limit < Math.min(wanted, RING)) note(`Only the latest ${lines.length} lines are shown: more are too long.`)
      return lines
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'protocol' || limit === 1) throw thrown
    }
  }
}
