import { type Command, Option } from 'commander'
import { collect } from './program-options.js'
import { SHELLS } from './shell-exports.js'

const INSTALL_EXAMPLES = `
Examples:
  portico ca install                    the system, browsers and Java trust the local CA
  portico ca install --dry-run          what that would change
  portico ca install --store nss        browsers with a store of their own only
  portico ca uninstall                  takes out exactly what was put in`

const ROTATE_EXAMPLES = `
Examples:
  portico ca rotate                             a new CA and key, for what the old one may vouch for
  portico ca rotate --add-domain example.test   that may vouch for this domain and all below it too`

const ENV_EXAMPLES = `
Examples:
  eval "$(portico env)"                 in sh, bash or zsh
  portico env --shell fish | source`

/** `portico ca …` */
export function addCa(program: Command): void {
  const ca = program.command('ca').description('the local certificate authority')
  ca.command('path')
    .description('where its certificate is')
    .action(async (_, command: Command) => {
      const { caPath } = await import('./ca-commands.js')
      await caPath(command.optsWithGlobals())
    })
  ca.command('print')
    .description('its certificate, as PEM')
    .action(async (_, command: Command) => {
      const { caPrint } = await import('./ca-commands.js')
      await caPrint(command.optsWithGlobals())
    })
  ca.command('status')
    .description('which trust stores of this machine trust it')
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { caStatus } = await import('./trust-commands.js')
      await caStatus(command.optsWithGlobals())
    })
  changing(ca.command('install').description('have the trust stores of this machine trust it'))
    .addHelpText('after', INSTALL_EXAMPLES)
    .action(async (_, command: Command) => {
      const { caInstall } = await import('./trust-commands.js')
      await caInstall(command.optsWithGlobals())
    })
  changing(ca.command('uninstall').description('take it out of the trust stores again'))
    .option('--stale', 'leave it, and take out other CAs that Portico made on this machine')
    .action(async (_, command: Command) => {
      const { caUninstall } = await import('./trust-commands.js')
      await caUninstall(command.optsWithGlobals())
    })
  ca.command('share')
    .description('a page for phones in the same network, with a QR code, until Ctrl-C or for ten minutes')
    .action(async (_, command: Command) => {
      const { caShare } = await import('./ca-share.js')
      await caShare(command.optsWithGlobals())
    })
  addRotate(ca)
  addSeal(ca)
}

function addSeal(ca: Command): void {
  ca.command('seal')
    .description('move its key into the keychain of the operating system; the desktop app must run')
    .action(async (_, command: Command) => {
      const { caSeal } = await import('./ca-seal.js')
      await caSeal(command.optsWithGlobals(), true)
    })
  ca.command('unseal')
    .description('move its key back into a file')
    .action(async (_, command: Command) => {
      const { caSeal } = await import('./ca-seal.js')
      await caSeal(command.optsWithGlobals(), false)
    })
}

function addRotate(ca: Command): void {
  ca.command('rotate')
    .description('have a new CA take the place of the old one, here and in the trust stores that have it')
    .option('--add-domain <domain>', 'a domain or address that it may vouch for too (may be repeated)', collect)
    .option('--remove-domain <domain>', 'one that was added before (may be repeated)', collect)
    .option('-y, --yes', 'do not ask')
    .option('--json', 'what became of the stores as one JSON object, without asking')
    .addHelpText('after', ROTATE_EXAMPLES)
    .action(async (_, command: Command) => {
      const { caRotate } = await import('./ca-rotate.js')
      await caRotate(command.optsWithGlobals())
    })
}

/** `portico env` */
export function addEnv(program: Command): void {
  program
    .command('env')
    .description('shell lines by which Node, Python, curl and others trust the local CA')
    .addOption(new Option('--shell <shell>', 'for this shell').choices([...SHELLS]))
    .addHelpText('after', ENV_EXAMPLES)
    .action(async (_, command: Command) => {
      const { env } = await import('./env.js')
      await env(command.optsWithGlobals())
    })
}

function changing(command: Command): Command {
  return command
    .option('--store <id>', 'only this store, or those of this kind (may be repeated)', collect)
    .option('--dry-run', 'show what would be changed, and change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'the plan or the outcome as one JSON object, without asking')
}
