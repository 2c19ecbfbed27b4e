import type { Config } from '../../shared/config.js'
import { Fault } from '../../shared/fault.js'
import { readConfigFile } from '../engine/config/read-config-file.js'
import { configFileOf, withEngineOr } from './locate.js'
import type { CommonOptions } from './program.js'

/**
 * The config that is served, or would be by the next `serve`.
 *
 * @throws Fault `config-unreadable` or `config-invalid` when there is none that could be
 */
export async function servedConfig(options: CommonOptions): Promise<Config> {
  const file = await configFileInUse(options)
  const disk = await readConfigFile(file)
  if (disk.state === 'read' && disk.parsed.ok) return disk.parsed.config
  if (disk.state === 'read') throw new Fault('config-invalid', `${file} is not valid.`, `See: portico config check`)
  throw new Fault('config-unreadable', `There is no config at ${file} yet.`, 'Portico makes it at its first start.')
}

async function configFileInUse(options: CommonOptions): Promise<string> {
  if (options.config !== undefined) return configFileOf(options)
  return withEngineOr(
    options,
    async (engine) => (await engine.call('status', {})).configFile,
    async () => configFileOf(options),
  )
}
