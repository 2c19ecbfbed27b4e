import type { Command } from 'commander'
import { configOption } from './program-options.js'

export function addCache(program: Command): void {
  const cache = program.command('cache').description('what the caches of the apps keep')
  cache
    .command('list')
    .description('how much each app keeps, and how often it could answer; with APP, its answers too')
    .argument('[app]')
    .addOption(configOption())
    .option('--json', 'as a JSON array')
    .action(async (app: string | undefined, _, command: Command) => {
      const { listCaches } = await import('./cache-commands.js')
      await listCaches(app, command.optsWithGlobals())
    })
  cache
    .command('purge')
    .description('forget what is kept: of all apps, of one, or of one path of it (/img/* for all that begin so)')
    .argument('[app]')
    .argument('[path]')
    .addOption(configOption())
    .action(async (app: string | undefined, path: string | undefined, _, command: Command) => {
      const { purgeCaches } = await import('./cache-commands.js')
      await purgeCaches(app, path, command.optsWithGlobals())
    })
}
