import type { ExchangeEntry } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import type { ControlClient } from '../engine/control/control-client.js'
import { plainJson } from './escape.js'
import { formatEntry } from './format-entry.js'
import { withEngine } from './locate.js'
import { note, print } from './output.js'
import type { CommonOptions } from './program.js'
import { untilUnwanted } from './until-unwanted.js'

export interface LogsOptions extends CommonOptions {
  follow?: boolean
  json?: boolean
  app?: string
  output?: boolean
  lines?: number
}

const RING = 10_000
const HELP = 'See: portico logs --help'

/** `portico logs`: what the engine remembers, oldest first, and with --follow what comes until SIGINT. */
export async function logs(options: LogsOptions): Promise<void> {
  if (options.output === true) return logOutput(options)
  if (options.lines !== undefined) throw new Fault('usage', '--lines goes with --output only.', HELP)
  const show = (entry: ExchangeEntry) => print(options.json === true ? plainJson(entry) : formatEntry(entry))
  await withEngine(options, async (engine) => {
    if (options.follow === true) return follow(engine, options, show)
    for (const entry of await remembered(engine, options)) show(entry)
  })
}

async function logOutput({ app, ...options }: LogsOptions): Promise<void> {
  if (app === undefined) throw new Fault('usage', '--output needs --app.', HELP)
  const { processOutput } = await import('./process-output.js')
  await processOutput({ ...options, app })
}

async function follow(
  engine: ControlClient,
  options: LogsOptions,
  show: (entry: ExchangeEntry) => void,
): Promise<void> {
  const interrupted = untilUnwanted()
  // Followed first and asked then, so that none is lost between; those that come both ways are shown once.
  let early: ExchangeEntry[] | null = []
  engine.on('exchange', (entry) => {
    if (options.app !== undefined && entry.app !== options.app) return
    if (early === null) show(entry)
    else early.push(entry)
  })
  const past = await remembered(engine, options)
  const known = new Set(past.map(({ id }) => id))
  for (const entry of [...past, ...early.filter(({ id }) => !known.has(id))]) show(entry)
  early = null
  const ended = await Promise.race([interrupted, engine.closed.then(() => 'gone' as const)])
  if (ended === 'gone') throw new Fault('not-running', 'Portico has stopped.', 'Start it with: portico serve')
}

/** Entries with very long paths may not fit one answer: then fewer are asked for, and that is said. */
async function remembered(engine: ControlClient, { app }: LogsOptions): Promise<ExchangeEntry[]> {
  for (let limit = RING; ; limit = Math.floor(limit / 2)) {
    try {
      const entries = await engine.call('exchanges.list', { limit, ...(app === undefined ? {} : { app }) })
      if (limit < RING) note(`Only the latest ${entries.length} are shown: the others are too long together.`)
      return entries
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'protocol' || limit === 1) throw thrown
    }
  }
}
