import type { Status } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import type { Engine } from '../engine/engine.js'
import { hostEngine, within } from '../host/host-engine.js'
import { formatConfigError } from './format-status.js'
import { configFileOf, dataDirOf } from './locate.js'
import { note, print } from './output.js'
import type { ServeOptions } from './program.js'
import { serveBanner } from './serve-banner.js'
import { StopSignals } from './stop-signals.js'

/** The promise is ten seconds in all; ending what is left takes its share. */
const DRAIN_MS = 9_000

/** `portico serve`: the engine in this process, until a signal or `portico stop` ends it. */
export async function serve(options: ServeOptions): Promise<void> {
  const signals = new StopSignals()
  try {
    const hosted = await hostEngine({
      dataDir: dataDirOf(options),
      configFile: configFileOf(options),
      overrides: overridesOf(options),
    })
    try {
      hosted.engine.on('status', reportConfigErrors())
      for (const line of serveBanner(await hosted.status(), options, await panelUrl(hosted.engine))) print(line)
      await untilStopped(hosted.engine, signals)
    } finally {
      await hosted.close()
    }
  } finally {
    signals.close()
  }
}

/** A link to the panel, which works once; null when the panel is off or cannot be reached. */
async function panelUrl(engine: Engine): Promise<string | null> {
  try {
    return (await engine.call('panel.open', {})).url
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'conflict') return null
    throw thrown
  }
}

/** Waits for `portico stop` or a signal: the first lets requests finish for up to ten seconds, a second does not. */
async function untilStopped(engine: Engine, signals: StopSignals): Promise<void> {
  const ended = engine.stopped.then(() => 'by command' as const)
  if ((await Promise.race([signals.first, ended])) === 'by command') return
  note('Stopping: requests under way have 9 seconds to finish (once more to stop at once).')
  await within(DRAIN_MS, Promise.race([engine.stop({ drainMs: DRAIN_MS }), signals.second]))
}

/** An edit of the config file that is refused is told on standard error, once, and so is its correction. */
function reportConfigErrors(): (status: Status) => void {
  let told = ''
  return ({ configError, configFile }) => {
    const text = configError === null ? '' : formatConfigError(configError).join('\n')
    if (text === told) return
    note(text === '' ? `${configFile} is valid again and applied.` : text)
    told = text
  }
}

function overridesOf({ bind, httpsPort, httpPort }: ServeOptions): { bind?: string[]; https?: number; http?: number } {
  return {
    ...(bind === undefined ? {} : { bind }),
    ...(httpsPort === undefined ? {} : { https: httpsPort }),
    ...(httpPort === undefined ? {} : { http: httpPort }),
  }
}
