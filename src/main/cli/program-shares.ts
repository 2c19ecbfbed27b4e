import { type Command, Option } from 'commander'
import { shareToolSchema } from '../../shared/share-schemas.js'
import { addAccess } from './program-tunnels.js'

const EXAMPLES = `
Examples:
  portico share shop                                by the relay that is saved
  portico share shop --name shop-preview --expires 8h --password
  portico share shop --via cloudflared              by a tool that is installed: cloudflared, ngrok, tailscale
  portico share shop --to wss://relay.example.com --token-file ~/.relay-token

Visitors' requests go through the gateway of this machine to that app alone, with its policies, under its own name; the
public one is in X-Forwarded-Host.`

/** Apps that others can reach. */
export function addShares(program: Command): void {
  addAccess(
    program
      .command('share')
      .description('show an app outside, by a relay or a tool that is installed, until it is stopped')
      .argument('<app>', 'as "portico app list" names it')
      .addOption(new Option('--via <tool>', 'by this tool instead of a relay').choices(shareToolSchema.options))
      .option('--to <url>', 'the relay, as wss://relay.example.com; PORTICO_RELAY or the saved one unless told')
      .option('--name <name>', 'the name there; that of the app unless told')
      .option('--expires <duration>', 'end by itself after this time, as 30m, 8h, 2d')
      .option('--password', 'ask visitors for a password, which is asked for now or read from standard input')
      .option('--user <name>', 'with --password: the user name that goes with it', 'guest')
      .addHelpText('after', EXAMPLES),
  ).action(async (app: string, _, command: Command) => {
    const { share } = await import('./tunnel/share.js')
    await share(app, command.optsWithGlobals())
  })
  const shares = program
    .command('shares')
    .description('the apps that the gateway shows outside, and those that it has shown, with their traffic')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listShares } = await import('./tunnel/shares-commands.js')
      await listShares(command.optsWithGlobals())
    })
  shares
    .command('stop')
    .description('show an app no longer; one that is not any more is taken from the list')
    .argument('<id>', 'as "portico shares" names it')
    .action(async (id: string, _, command: Command) => {
      const { stopShare } = await import('./tunnel/shares-commands.js')
      await stopShare(id, command.optsWithGlobals())
    })
  addWays(shares)
}

/** By what apps can be shared. */
function addWays(shares: Command): void {
  shares
    .command('ways')
    .description('by what apps can be shared: saved relays, and tools that are installed')
    .option('--json', 'as a JSON array')
    .action(async (_, command: Command) => {
      const { listWays } = await import('./tunnel/ways-commands.js')
      await listWays(command.optsWithGlobals())
    })
  addAccess(
    shares
      .command('save')
      .description('save a relay with its token, so that the window and "portico share APP" share by it')
      .argument('<url>', 'of the relay, as wss://relay.example.com'),
  ).action(async (url: string, _, command: Command) => {
    const { saveRelay } = await import('./tunnel/ways-commands.js')
    await saveRelay(url, command.optsWithGlobals())
  })
  shares
    .command('forget')
    .description('forget a saved relay and its token; what is shared by it goes on until it is stopped')
    .argument('<url>', 'as "portico shares ways" names it')
    .action(async (url: string, _, command: Command) => {
      const { forgetRelay } = await import('./tunnel/ways-commands.js')
      await forgetRelay(url, command.optsWithGlobals())
    })
}
