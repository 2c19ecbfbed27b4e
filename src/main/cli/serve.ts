import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { version } from '../../../package.json'
import type { Status } from '../../shared/contract.js'
import { ControlSocket } from '../engine/control/control-socket.js'
import { InstanceLock } from '../engine/control/instance-lock.js'
import { Engine } from '../engine/engine.js'
import { hostFacts } from '../platform/host-facts.js'
import { currentPlatform } from '../platform/platform.js'
import { formatConfigError } from './format-status.js'
import { configFileOf, dataDirOf } from './locate.js'
import { LogFile } from './log-file.js'
import { note, print } from './output.js'
import type { ServeOptions } from './program.js'
import { returnStartupMemory } from './return-memory.js'
import { serveBanner } from './serve-banner.js'
import { StopSignals } from './stop-signals.js'
import { limitYoungGeneration } from './young-generation.js'

const DRAIN_MS = 10_000
/** after that, what has not ended ends with the process */
const END_MS = 2_000

/**
 * `portico serve`: the engine with its lock, log and control socket, until a signal or `portico stop` ends it. The lock
 * is the first to be taken and the last to be let go, so that whoever gets it finds nothing of this process left.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const [dataDir, platform] = [dataDirOf(options), currentPlatform()]
  const signals = new StopSignals()
  const lock = await InstanceLock.acquire({ dataDir, platform })
  try {
    const log = openLog(dataDir)
    const engine = await Engine.start({
      dataDir,
      configFile: configFileOf(options),
      overrides: overridesOf(options),
      version,
      log,
      host: hostFacts(platform),
    })
    try {
      const control = await ControlSocket.open({ dataDir, platform, portal: engine, log })
      try {
        engine.on('status', reportConfigErrors())
        for (const line of serveBanner(await engine.call('status', {}), options)) print(line)
        returnStartupMemory()
        limitYoungGeneration()
        await untilStopped(engine, signals)
      } finally {
        await control.close()
      }
    } finally {
      await within(END_MS, engine.stop({ drainMs: 0 }))
    }
  } finally {
    await lock.release()
    signals.close()
  }
}

function openLog(dataDir: string): Logger {
  const log = LogFile.open(dataDir)
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'crashed'))
  return log
}

/** Waits for `portico stop` or a signal: the first lets requests finish for up to ten seconds, a second does not. */
async function untilStopped(engine: Engine, signals: StopSignals): Promise<void> {
  const ended = engine.stopped.then(() => 'by command' as const)
  if ((await Promise.race([signals.first, ended])) === 'by command') return
  note('Stopping: requests under way have 10 seconds to finish (once more to stop at once).')
  await within(DRAIN_MS, Promise.race([engine.stop({ drainMs: DRAIN_MS }), signals.second]))
}

/** Waits for the end of something, but no longer than so many milliseconds. */
async function within(milliseconds: number, end: Promise<unknown>): Promise<void> {
  const timeout = new AbortController()
  await Promise.race([end, delay(milliseconds, undefined, { signal: timeout.signal }).catch(() => undefined)])
  timeout.abort()
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
