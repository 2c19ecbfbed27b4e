import { Command, Option } from 'commander'
import { version } from '../../../package.json'
import { listeningPort } from './parse-port.js'
import { addApp } from './program-apps.js'
import { addCache } from './program-cache.js'
import { collect, configOption, count } from './program-options.js'
import { addBackends, addProcesses, addRun } from './program-processes.js'
import { addRelay } from './program-relay.js'
import { addShares } from './program-shares.js'
import { addDns, addLan, addLowPorts } from './program-system.js'
import { addCa, addEnv } from './program-trust.js'
import { addTunnels } from './program-tunnels.js'

export interface CommonOptions {
  dataDir?: string
  config?: string
}

export interface ServeOptions extends CommonOptions {
  bind?: string[]
  httpsPort?: number
  httpPort?: number
}

const EXAMPLES = `
Examples:
  portico serve                              run the gateway in this terminal
  portico app add shop --port 3000           https://shop.localhost is the app on port 3000
  portico run -- npm run dev                 run a command here, with an address while it runs
  portico app add api -- npm start           have it run, watched over and started again
  portico app add docs --static ./site       serve a directory
  portico app add api --to http://127.0.0.1:8000 http://127.0.0.1:8001
  portico ports                              find apps that listen on this machine
  portico open                               see everything in the browser
  portico logs --follow --app shop           watch the requests of one app
  portico share shop --via cloudflared       show an app outside, by a tool or a relay
  portico ca install                         browsers and tools of this machine trust the certificates

Exit codes: 0 done, 1 refused or failed, 2 not a valid invocation.`

/**
 * The grammar of the command line. What a command does is loaded only when it is given.
 *
 * @param words the invocation that it is built for
 */
export function buildProgram(words: readonly string[]): Command {
  const program = new Command('portico')
    .description('HTTPS for local development: https://shop.localhost for the app on port 3000.')
    .version(version, '-V, --version', 'print the version')
    .addOption(new Option('--data-dir <dir>', 'where certificates, the control socket and logs are'))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .addHelpText('after', EXAMPLES)
    .exitOverride()
  addServe(program)
  addStatus(program)
  addDoctor(program)
  addOpen(program)
  addApp(program, words)
  addRun(program, words)
  addProcesses(program)
  addBackends(program)
  addCache(program)
  addPorts(program)
  addLogs(program)
  addShares(program)
  addTunnels(program)
  addControl(program)
  addCa(program)
  addEnv(program)
  addDns(program)
  addLowPorts(program)
  addLan(program)
  addCert(program)
  addConfig(program)
  addHashPassword(program)
  addRelay(program)
  return program
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the gateway in the foreground until it is stopped')
    .addOption(configOption())
    .option('--bind <address>', 'listen on this address (may be repeated)', collect)
    .option('--https-port <number>', 'port for HTTPS, 0 for any free one', listeningPort)
    .option('--http-port <number>', 'port for HTTP, 0 for any free one', listeningPort)
    .action(async (_, command: Command) => {
      const { serve } = await import('./serve.js')
      await serve(command.optsWithGlobals<ServeOptions>())
    })
}

function addStatus(program: Command): void {
  program
    .command('status')
    .description('what the running gateway listens on and serves')
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { status } = await import('./status.js')
      await status(command.optsWithGlobals())
    })
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('whether everything works: trust of each client, names, ports, certificates; and what to do')
    .addOption(configOption())
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { doctor } = await import('./doctor.js')
      process.exitCode = await doctor(command.optsWithGlobals())
    })
}

function addOpen(program: Command): void {
  program
    .command('open')
    .description('the panel of the running gateway, in the browser')
    .option('--print', 'print the link instead; it works once, within five minutes')
    .action(async (_, command: Command) => {
      const { open } = await import('./open.js')
      await open(command.optsWithGlobals())
    })
}

function addPorts(program: Command): void {
  program
    .command('ports')
    .description('what listens on this machine, and the command to serve each')
    .addOption(configOption())
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listPorts } = await import('./ports.js')
      await listPorts(command.optsWithGlobals())
    })
}

function addLogs(program: Command): void {
  program
    .command('logs')
    .description('the latest requests, or what the process of an app printed')
    .option('-f, --follow', 'go on with each new one until interrupted')
    .option('--json', 'one JSON object per line')
    .option('--app <name>', 'only those of this app')
    .option('--output', 'with --app: what its process printed, instead of requests')
    .option('-n, --lines <number>', 'with --output: so many of the latest lines', count)
    .action(async (_, command: Command) => {
      const { logs } = await import('./logs.js')
      await logs(command.optsWithGlobals())
    })
}

function addControl(program: Command): void {
  program
    .command('reload')
    .description('read the config file again, now')
    .action(async (_, command: Command) => {
      const { reload } = await import('./control-commands.js')
      await reload(command.optsWithGlobals())
    })
  program
    .command('pause')
    .description('turn the gateway off: its ports are free, its processes and the command line go on')
    .action(async (_, command: Command) => {
      const { pause } = await import('./control-commands.js')
      await pause(command.optsWithGlobals())
    })
  program
    .command('resume')
    .description('turn the gateway on again')
    .action(async (_, command: Command) => {
      const { resume } = await import('./control-commands.js')
      await resume(command.optsWithGlobals())
    })
  program
    .command('stop')
    .description('stop the running gateway, letting requests under way finish')
    .action(async (_, command: Command) => {
      const { stop } = await import('./control-commands.js')
      await stop(command.optsWithGlobals())
    })
}

function addCert(program: Command): void {
  const cert = group(program, 'cert', 'the certificates of the apps')
  cert
    .command('list')
    .description('each host with its certificate')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listCertificates } = await import('./cert-commands.js')
      await listCertificates(command.optsWithGlobals())
    })
  cert
    .command('renew')
    .description('issue the certificate of a host anew, now')
    .argument('<host>', 'as "portico cert list" names it')
    .action(async (host: string, _, command: Command) => {
      const { renewCertificate } = await import('./cert-commands.js')
      await renewCertificate(host, command.optsWithGlobals())
    })
}

function addConfig(program: Command): void {
  const config = group(program, 'config', 'the config file')
  config
    .command('path')
    .description('where it is')
    .addOption(configOption())
    .action(async (_, command: Command) => {
      const { configPath } = await import('./config-commands.js')
      await configPath(command.optsWithGlobals())
    })
  config
    .command('check')
    .description('whether a file is a valid config')
    .argument('<file>')
    .action(async (file: string) => {
      const { configCheck } = await import('./config-commands.js')
      await configCheck(file)
    })
  config
    .command('schema')
    .description('the JSON Schema of the config file')
    .action(async () => {
      const { configSchema } = await import('./config-commands.js')
      await configSchema()
    })
}

function addHashPassword(program: Command): void {
  program
    .command('hash-password')
    .description('a hash of a password for "basicAuth"; asks for it, or reads it from standard input')
    .action(async () => {
      const { hashPassword } = await import('./hash-password.js')
      await hashPassword()
    })
}

function group(program: Command, name: string, description: string): Command {
  return program.command(name).description(description)
}
