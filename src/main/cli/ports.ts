import { type Config, configSchema } from '../../shared/config.js'
import { shellQuote } from '../../shared/shell-quote.js'
import type { DiscoveredPort } from '../../shared/window-schemas.js'
import { readConfigFile } from '../engine/config/read-config-file.js'
import { PortDiscovery } from '../engine/discovery/port-discovery.js'
import { currentPlatform } from '../platform/platform.js'
import { portScanner } from '../platform/port-discovery/port-discovery.js'
import { commandWords } from './command-words.js'
import { plainJson } from './escape.js'
import { formatPorts } from './format-ports.js'
import { configFileOf, requireSameConfig, withEngineOr } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico ports`: what the engine finds, or this process where none runs. */
export async function listPorts(options: CommonOptions & { json?: boolean }): Promise<void> {
  const ports = await withEngineOr(
    options,
    async (engine) => {
      await requireSameConfig(engine, options)
      return engine.call('ports.list', {})
    },
    () => findPorts(options),
  )
  if (options.json === true) print(plainJson(ports))
  else for (const line of formatPorts(ports, (name, port) => addCommand(name, port, options))) print(line)
}

/** A config file of one's own has to be named again as well. */
function addCommand(name: string, port: number, options: CommonOptions): string {
  const config = options.config === undefined ? '' : ` --config ${shellQuote(options.config)}`
  return `${commandWords(options)} app add ${name} --port ${port}${config}`
}

async function findPorts(options: CommonOptions): Promise<DiscoveredPort[]> {
  const config = await configOf(configFileOf(options))
  const discovery = new PortDiscovery({
    scanner: portScanner(currentPlatform()),
    config: () => config,
    own: () => ({ pid: process.pid, ports: [] }),
  })
  return discovery.list()
}

/** A file that is not valid names no app for certain; the ports are worth seeing all the same. */
async function configOf(file: string): Promise<Config> {
  const disk = await readConfigFile(file)
  return disk.state === 'read' && disk.parsed.ok ? disk.parsed.config : configSchema.parse({ version: 1 })
}
