import path from 'node:path'
import { Fault } from '../../shared/fault.js'
import { defaultConfigFile, defaultDataDir } from '../engine/config/paths.js'
import { ControlClient } from '../engine/control/control-client.js'
import { currentPlatform } from '../platform/platform.js'
import { note } from './output.js'
import type { CommonOptions } from './program.js'

/** The data directory of an invocation, absolute. */
export function dataDirOf(options: CommonOptions): string {
  return options.dataDir === undefined ? defaultDataDir() : path.resolve(options.dataDir)
}

/** The config file of an invocation, absolute. */
export function configFileOf(options: CommonOptions): string {
  return options.config === undefined ? defaultConfigFile() : path.resolve(options.config)
}

/**
 * Runs `work` with a connection to the running engine, and ends it.
 *
 * @param onMissed told how many events were left out; says so unless it is given
 * @throws Fault `not-running` when none runs
 */
export async function withEngine<T>(
  options: CommonOptions,
  work: (engine: ControlClient) => Promise<T>,
  onMissed = (name: string, count: number) => note(`${count} more ${name} events came than could be read.`),
): Promise<T> {
  const engine = await ControlClient.connect({ dataDir: dataDirOf(options), platform: currentPlatform(), onMissed })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** As `withEngine`, or `otherwise` when none runs. */
export async function withEngineOr<T>(
  options: CommonOptions,
  work: (engine: ControlClient) => Promise<T>,
  otherwise: () => Promise<T>,
): Promise<T> {
  let engine: ControlClient
  try {
    engine = await ControlClient.connect({ dataDir: dataDirOf(options), platform: currentPlatform() })
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'not-running') return otherwise()
    throw thrown
  }
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** A --config that is not the running engine's would be passed over in silence. @throws Fault `conflict` */
export async function requireSameConfig(engine: ControlClient, options: CommonOptions): Promise<void> {
  if (options.config === undefined) return
  const { configFile } = await engine.call('status', {})
  if (path.resolve(configFile) === configFileOf(options)) return
  throw new Fault(
    'conflict',
    `The running Portico serves ${configFile}, not ${configFileOf(options)}.`,
    'Leave --config out, or name the data directory of another one with --data-dir.',
  )
}
