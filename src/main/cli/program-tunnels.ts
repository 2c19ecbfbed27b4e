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

/** An agent of a relay, for TCP. */
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
  addHeld(tunnel)
}

/** Services that the gateway itself lets users of a saved relay reach. */
function addHeld(tunnel: Command): void {
  tunnel
    .command('open')
    .description('have the gateway let users of a saved relay reach services, until it is closed or the gateway ends')
    .argument('<url>', 'of the relay, as "portico shares ways" names it')
    .option('--allow <host:port>', 'as of "tunnel connect"; replaces what was allowed (may be repeated)', collect)
    .action(async (url: string, _, command: Command) => {
      const { openTunnel } = await import('./tunnel/held-tunnels.js')
      await openTunnel(url, command.optsWithGlobals())
    })
  tunnel
    .command('list')
    .description('the relays whose users reach services through the gateway, with what leads where and what passes')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listTunnels } = await import('./tunnel/held-tunnels.js')
      await listTunnels(command.optsWithGlobals())
    })
  tunnel
    .command('close')
    .description('let users of a relay reach no services any more; those who are connected are cut off')
    .argument('<url>', 'of the relay')
    .action(async (url: string, _, command: Command) => {
      const { closeTunnel } = await import('./tunnel/held-tunnels.js')
      await closeTunnel(url, command.optsWithGlobals())
    })
}

/** By what an agent is let in by a relay. */
export function addAccess(command: Command): Command {
  return command
    .addOption(new Option('--token <token>', 'what lets this machine in; PORTICO_TUNNEL_TOKEN unless told'))
    .option('--token-file <file>', 'the file that the token is in')
    .option('--agent <id>', 'the id that the token was made for, to be sure; PORTICO_TUNNEL_AGENT unless told')
    .option('--ca <file>', 'PEM file of the authority that signed the certificate of the relay')
}
