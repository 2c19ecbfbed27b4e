import type { Command } from 'commander'
import { collect, configOption, splitOperands } from './program-options.js'
import { addProcessChanges } from './program-processes.js'

const ADD_EXAMPLES = `
Examples:
  portico app add shop --port 3000
  portico app add shop --port 3000 --host shop.localhost --host '*.shop.localhost'
  portico app add api --to https://api.example.com
  portico app add docs --static ./dist --spa
  portico app add shop -- npm run dev        Portico runs it here, and gives it a port as PORT
  portico app add shop --command 'make css && npm start' --cwd /code/shop
  portico app add demo --demo`

/** @param words the invocation, in which `--` tells a command from the name */
export function addApp(program: Command, words: readonly string[]): void {
  const app = program
    .command('app')
    .description('add, list, remove, enable or disable apps; start and stop their processes')
  app
    .command('add')
    .description('serve an app at https://NAME.localhost')
    .usage('[options] <name> [-- COMMAND…]')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .argument('[words...]', 'after --, a command to run with its arguments')
    .addOption(configOption())
    .option('--port <number>', 'the app listens on this port of this machine')
    .option('--to <url...>', 'the app is at this URL; several share the load')
    .option('--static <dir>', 'the app is this directory')
    .option('--spa', 'with --static: unknown paths get index.html')
    .option('--demo', 'the app is the one that is built in, to try Portico with')
    .option('--command <line>', 'the app is what this command line runs, by the shell')
    .option('--cwd <dir>', 'directory that the command runs in; this one unless told')
    .option('--host <host>', 'answer to this name instead, as *.shop.localhost (may be repeated)', collect)
    .addHelpText('after', ADD_EXAMPLES)
    .action(async (name: string, operands: string[], _, command: Command) => {
      const { command: run } = splitOperands(words, operands, 0)
      const { addApp } = await import('./app-commands.js')
      await addApp(name, { ...command.optsWithGlobals(), ...(run.length === 0 ? {} : { run }) })
    })
  app
    .command('list')
    .description('all apps with their URLs')
    .addOption(configOption())
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listApps } = await import('./app-commands.js')
      await listApps(command.optsWithGlobals())
    })
  addAppChange(app, 'remove', 'stop serving an app and forget it')
  addAppChange(app, 'enable', 'serve a disabled app again')
  addAppChange(app, 'disable', 'stop serving an app and keep it')
  addProcessChanges(app)
}

function addAppChange(app: Command, change: 'remove' | 'enable' | 'disable', description: string): void {
  app
    .command(change)
    .description(description)
    .argument('<name>')
    .addOption(configOption())
    .action(async (name: string, _, command: Command) => {
      const { changeApp } = await import('./app-commands.js')
      await changeApp(change, name, command.optsWithGlobals())
    })
}
