import path from 'node:path'
import type { Problem } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { configJsonSchema } from '../engine/config/json-schema.js'
import { readConfigFile } from '../engine/config/read-config-file.js'
import { formatProblem } from './format-status.js'
import { configFileOf, withEngineOr } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico config path`: the file of the running engine, or the one that the next `serve` would use. */
export async function configPath(options: CommonOptions): Promise<void> {
  if (options.config !== undefined) return print(configFileOf(options))
  const file = await withEngineOr(
    options,
    async (engine) => (await engine.call('status', {})).configFile,
    async () => configFileOf(options),
  )
  print(file)
}

/** `portico config check FILE`: says every problem that would keep the file from being served. */
export async function configCheck(file: string): Promise<void> {
  const disk = await readConfigFile(path.resolve(file))
  if (disk.state === 'missing') throw new Fault('config-unreadable', `There is no file ${file}.`, 'Check its name.')
  if (disk.state === 'unreadable') {
    throw new Fault('config-unreadable', `${file}: ${disk.problem.message}.`, 'Name a file that you may read.')
  }
  if (!disk.parsed.ok) throw invalid(file, disk.parsed.problems)
  const { length } = disk.parsed.config.apps
  print(`${file} is valid: ${length} ${length === 1 ? 'app' : 'apps'}.`)
}

/** `portico config schema`. */
export async function configSchema(): Promise<void> {
  print(JSON.stringify(configJsonSchema(), null, 2))
}

function invalid(file: string, problems: Problem[]): Fault {
  const [first, ...rest] = problems.map(formatProblem)
  const message =
    rest.length === 0
      ? `${file} is not valid: ${first}`
      : `${file} has ${problems.length} problems:\n${[first, ...rest].map((line) => `  ${line}`).join('\n')}`
  return new Fault('config-invalid', message, `Correct it and check again: portico config check ${file}`)
}
