import type { Command } from 'commander'
import { listeningPort } from './parse-port.js'
import { collect, splitOperands } from './program-options.js'

const RUN_EXAMPLES = `
Examples:
  portico run -- npm run dev                 named after the project; in a git worktree, after its branch too
  portico run shop -- node server.js         https://shop.localhost as long as it runs
  portico run shop --port 5000 -- ./serve    the command listens on port 5000, whatever PORT says

The command gets its port as PORT, and as the flag of frameworks that ignore PORT. It runs in this terminal; its
exit code is passed on.`

/** Of `portico app`: those that concern its process. */
export function addProcessChanges(app: Command): void {
  addChange(app, 'start', 'start its process, and return when it is ready')
  addChange(app, 'stop', 'stop its process, and return when all of it has ended')
  addChange(app, 'restart', 'stop and start its process')
}

export function addProcesses(program: Command): void {
  program
    .command('ps')
    .description('the processes of the apps: state, port, restarts, CPU, memory')
    .option('--json', 'as a JSON array')
    .option('-w, --watch', 'draw it anew at each change, until interrupted')
    .action(async (_, command: Command) => {
      const { listProcesses } = await import('./process-commands.js')
      await listProcesses(command.optsWithGlobals())
    })
}

/** @param words the invocation, in which `--` tells the command from the name */
export function addRun(program: Command, words: readonly string[]): void {
  program
    .command('run')
    .description('run a command in this terminal, served at https://NAME.localhost while it runs')
    .usage('[options] [NAME] -- COMMAND…')
    .argument('[words...]', 'a name, and after -- the command with its arguments')
    .option('--host <host>', 'answer to this name instead, as *.shop.localhost (may be repeated)', collect)
    .option('--port <number>', 'the port that the command listens on; a free one otherwise', listeningPort)
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (operands: string[], _, command: Command) => {
      const { before, command: toRun } = splitOperands(words, operands, 1)
      const { run } = await import('./run/run.js')
      process.exitCode = await run(before[0] ?? null, toRun, command.optsWithGlobals())
    })
}

export function addBackends(program: Command): void {
  const backends = program
    .command('backends')
    .description('the backends of the apps: health, breaker, requests under way')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listBackends } = await import('./backend-commands.js')
      await listBackends(command.optsWithGlobals())
    })
  addDrain(backends, 'drain', 'send no new requests to a backend; those under way finish')
  addDrain(backends, 'resume', 'send requests to it again')
}

function addDrain(backends: Command, name: 'drain' | 'resume', description: string): void {
  backends
    .command(name)
    .description(description)
    .argument('<app>')
    .argument('<url>', 'as portico backends shows it')
    .option('--route <path>', 'on this route only')
    .action(async (app: string, url: string, _, command: Command) => {
      const { drainBackend } = await import('./backend-commands.js')
      await drainBackend(name === 'drain', app, url, command.optsWithGlobals())
    })
}

function addChange(app: Command, change: 'start' | 'stop' | 'restart', description: string): void {
  app
    .command(change)
    .description(description)
    .argument('<name>')
    .action(async (name: string, _, command: Command) => {
      const { changeProcess } = await import('./process-commands.js')
      await changeProcess(change, name, command.optsWithGlobals())
    })
}
