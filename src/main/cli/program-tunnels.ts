import { type Command, Option } from 'commander'
import { collect } from './program-options.js'

const CONNECT_EXAMPLES = `
Examples:
  portico tunnel connect wss://relay.example.com --token-file ~/.relay-token
  portico tunnel connect wss://relay.example.com --allow db.lan:5432 --allow 10.0.0.0/8:22
  PORTICO_TUNNEL_TOKEN=… portico tunnel connect ws://127.0.0.1:8443 --agent laptop

Without --allow the relay reaches the apps of this machine's Portico alone. It never reaches Portico's own ports, nor
link-local and metadata addresses, unless they are named as ADDRESS:PORT.
Other users of this machine can read --token in the list of processes; PORTICO_TUNNEL_TOKEN and --token-file they cannot.`

const SHARE_EXAMPLES = `
Examples:
  portico share shop --to wss://relay.example.com --token-file ~/.relay-token
  portico share shop --name shop-preview --expires 8h --password

Visitors' requests go through the gateway of this machine to that app alone, with its policies, under its own name; the
public one is in X-Forwarded-Host.`

/** An agent of a relay: for TCP, and for one app. */
export function addTunnels(program: Command): void {
  const tunnel = program.command('tunnel').description('reach services of this machine from a relay')
  addAccess(
    tunnel
      .command('connect')
      .description('connect to a relay, and to what its users ask for, until it is stopped')
      .argument('<url>', 'of the relay, as wss://relay.example.com')
      .option(
        '--allow <host:port>',
        'let the relay reach this too: HOST:PORT, HOST:*, or a range (may be repeated)',
        collect,
      )
      .option('--ping <duration>', 'ask the relay so often whether it is still there; 10s unless told')
      .addHelpText('after', CONNECT_EXAMPLES),
  ).action(async (url: string, _, command: Command) => {
    const { tunnelConnect } = await import('./tunnel/connect.js')
    await tunnelConnect(url, command.optsWithGlobals())
  })
  addAccess(
    program
      .command('share')
      .description('show an app outside, at https://NAME of a relay, until it is stopped')
      .argument('<app>', 'as "portico app list" names it')
      .option('--to <url>', 'the relay, as wss://relay.example.com; PORTICO_RELAY unless told')
      .option('--name <name>', 'the name there; that of the app unless told')
      .option('--expires <duration>', 'end by itself after this time, as 30m, 8h, 2d')
      .option('--password', 'ask visitors for a password, which is asked for now or read from standard input')
      .option('--user <name>', 'with --password: the user name that goes with it', 'guest')
      .addHelpText('after', SHARE_EXAMPLES),
  ).action(async (app: string, _, command: Command) => {
    const { share } = await import('./tunnel/share.js')
    await share(app, command.optsWithGlobals())
  })
}

function addAccess(command: Command): Command {
  return command
    .addOption(new Option('--token <token>', 'what lets this machine in; PORTICO_TUNNEL_TOKEN unless told'))
    .option('--token-file <file>', 'the file that the token is in')
    .option('--agent <id>', 'the id that the token was made for, to be sure; PORTICO_TUNNEL_AGENT unless told')
    .option('--ca <file>', 'PEM file of the authority that signed the certificate of the relay')
}
