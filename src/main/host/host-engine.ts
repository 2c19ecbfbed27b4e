import path from 'node:path'
import { version } from '../../../package.json'
import type { Status } from '../../shared/contract.js'
import { ControlSocket } from '../engine/control/control-socket.js'
import { InstanceLock } from '../engine/control/instance-lock.js'
import { Engine } from '../engine/engine.js'
import type { ListenOverrides } from '../engine/engine-options.js'
import type { KeyVault } from '../engine/tls/key-vault.js'
import { hostFacts } from '../platform/host-facts.js'
import { loginEnvironment } from '../platform/login-environment.js'
import { currentPlatform, type Platform } from '../platform/platform.js'
import { IdleMemory } from './idle-memory.js'
import { LogFile } from './log-file.js'
import { windowFolder } from './window-folder.js'

export interface HostOptions {
  /** absolute */
  dataDir: string
  configFile: string
  overrides?: ListenOverrides
  /** started from a menu or the Finder: apps inherit what the user's terminals have */
  fromDesktop?: boolean
  /** where the key of the local CA may be kept; a file without */
  keyVault?: KeyVault
}

/** An engine in its own process, with all that a process owes it. */
export interface HostedEngine {
  engine: Engine
  status(): Promise<Status>
  /** Ends the engine, if it has not ended, then the control socket, and lets go of the lock last. */
  close(): Promise<void>
}

const RENDERER = windowFolder(import.meta.dirname)
/** What has not ended after a hurried stop ends with the process. */
const END_MS = 2_000

/**
 * Starts an engine with its lock, log and control socket. The lock is the first to be taken and the last to be let go,
 * so that whoever gets it finds nothing of this process left.
 *
 * @throws Fault when another engine has the data directory, or this one cannot start; nothing is left behind then
 */
export async function hostEngine(given: HostOptions): Promise<HostedEngine> {
  const { dataDir, configFile, overrides = {}, fromDesktop = false, keyVault } = given
  const platform = currentPlatform()
  const lock = await InstanceLock.acquire({ dataDir, platform })
  try {
    const log = LogFile.open(dataDir)
    process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'crashed'))
    const options = {
      dataDir,
      configFile: path.resolve(configFile),
      overrides,
      version,
      rendererDir: RENDERER,
      log,
      host: {
        ...hostFacts(platform),
        ...(fromDesktop ? { environment: askedOnce(platform) } : {}),
        ...(keyVault === undefined ? {} : { keyVault }),
      },
    }
    const engine = await Engine.start(options)
    try {
      const control = await ControlSocket.open({ dataDir, platform, portal: engine, log })
      const memory = new IdleMemory()
      engine.on('exchange', () => memory.noteTraffic())
      return {
        engine,
        status: () => engine.call('status', {}),
        close: async () => {
          memory.close()
          await control.close()
          await within(END_MS, engine.stop({ drainMs: 0 }))
          await lock.release()
        },
      }
    } catch (error) {
      await within(END_MS, engine.stop({ drainMs: 0 }))
      throw error
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** A profile may take seconds: it is read when the first process is started, and once. */
function askedOnce(platform: Platform): () => ReturnType<typeof loginEnvironment> {
  let environment: ReturnType<typeof loginEnvironment> | undefined
  return () => {
    environment ??= loginEnvironment(platform, process.env)
    return environment
  }
}

/** Waits for the end of something, but no longer than so many milliseconds. */
export async function within(milliseconds: number, end: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  await Promise.race([end, promise])
  clearTimeout(timer)
}
