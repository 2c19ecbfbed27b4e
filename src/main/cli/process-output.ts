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

/** `portico logs --app NAME --output`: what an app's process printed, and with --follow what it prints until SIGINT. */
export async function processOutput(options: ProcessOutputOptions): Promise<void> {
  const show = (lines: readonly OutputLine[]) => {
    for (const line of lines) print(options.json === true ? plainJson(line) : formatOutput(line))
  }
  await withEngine(options, async (engine) => {
    if (options.follow === true) return follow(engine, options, show)
    const wanted = options.lines ?? RING
    if (wanted > 0) show(await latest(engine, options.app, wanted))
  })
}

async function follow(
  engine: ControlClient,
  { app, lines: wanted = RING }: ProcessOutputOptions,
  show: (lines: readonly OutputLine[]) => void,
): Promise<void> {
  const interrupted = untilUnwanted()
  const feed = new OutputFeed()
  // Followed first and asked then, so that nothing is lost between. What comes meanwhile waits for its turn.
  let turn = Promise.resolve()
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  engine.on('output', (event) => {
    if (event.app === app) turn = turn.then(() => takeAll(engine, app, feed, event.lines, show)).catch(fail)
  })
  turn = turn.then(async () => {
    const past = feed.take(await latest(engine, app, Math.max(wanted, 1)), true).lines
    show(past.slice(past.length - Math.min(wanted, past.length)))
  })
  await Promise.race([turn, failed])
  const ended = await Promise.race([interrupted, engine.closed.then(() => 'gone' as const), failed])
  if (ended === 'gone') throw new Fault('not-running', 'Portico has stopped.', 'Start it with: portico serve')
}

/** A reader that was too slow was not sent everything: what the engine still has is fetched, what it has not is told. */
async function takeAll(
  engine: ControlClient,
  app: string,
  feed: OutputFeed,
  lines: readonly OutputLine[],
  show: (lines: readonly OutputLine[]) => void,
): Promise<void> {
  const next = feed.take(lines)
  if (next.missing === 0) return show(next.lines)
  const fetched = await latest(engine, app, RING, feed.last)
  const caughtUp = feed.take(fetched.length === 0 ? lines : fetched, true)
  if (caughtUp.missing > 0) note(`${caughtUp.missing} lines came faster than they could be read, and are lost.`)
  show(caughtUp.lines)
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
