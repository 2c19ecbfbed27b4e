import type { Command } from 'commander'
import { configOption } from './program-options.js'

const DNS_EXAMPLES = `
Examples:
  portico dns install --dry-run         what would be changed
  portico dns install                   the best way that fits this machine
  portico dns install --via hosts       lines in the hosts file: everywhere, but no wildcards`

/** `portico dns …` */
export function addDns(program: Command): void {
  const dns = program.command('dns').description('how programs of this machine find the hosts of the apps')
  dns
    .command('status')
    .description('what the system finds, and how it was told')
    .addOption(configOption())
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { dnsStatus } = await import('./dns-commands.js')
      await dnsStatus(command.optsWithGlobals())
    })
  changing(dns.command('install').description('have the system find them'))
    .addHelpText('after', DNS_EXAMPLES)
    .action(async (_, command: Command) => {
      const { dnsInstall } = await import('./dns-commands.js')
      await dnsInstall(command.optsWithGlobals())
    })
  changing(dns.command('uninstall').description('take that back')).action(async (_, command: Command) => {
    const { dnsUninstall } = await import('./dns-commands.js')
    await dnsUninstall(command.optsWithGlobals())
  })
}

/** `portico low-ports …` */
export function addLowPorts(program: Command): void {
  const ports = program.command('low-ports').description('ports 443 and 80 without being root')
  ports
    .command('status')
    .description('which ways this system has, and which was gone')
    .addOption(configOption())
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { lowPortsStatus } = await import('./low-ports-commands.js')
      await lowPortsStatus(command.optsWithGlobals())
    })
  changing(ports.command('install').description('have the system permit them')).action(async (_, command: Command) => {
    const { lowPortsInstall } = await import('./low-ports-commands.js')
    await lowPortsInstall(command.optsWithGlobals())
  })
  changing(ports.command('uninstall').description('take that back')).action(async (_, command: Command) => {
    const { lowPortsUninstall } = await import('./low-ports-commands.js')
    await lowPortsUninstall(command.optsWithGlobals())
  })
}

/** `portico lan …` */
export function addLan(program: Command): void {
  const lan = program.command('lan').description('whether phones and other machines of the network reach the apps')
  lan
    .command('status')
    .description('whether they do, and where')
    .option('--json', 'as one JSON object')
    .action(async (_, command: Command) => {
      const { lanStatus } = await import('./lan-commands.js')
      await lanStatus(command.optsWithGlobals())
    })
  lan
    .command('on')
    .description('let them in, and tell the network the names of the apps: https://shop.local')
    .action(async (_, command: Command) => {
      const { switchLan } = await import('./lan-commands.js')
      await switchLan(true, command.optsWithGlobals())
    })
  lan
    .command('off')
    .description('answer this machine alone; connections of others end at once')
    .action(async (_, command: Command) => {
      const { switchLan } = await import('./lan-commands.js')
      await switchLan(false, command.optsWithGlobals())
    })
}

function changing(command: Command): Command {
  return command
    .addOption(configOption())
    .option('--via <way>', 'this way, as "status" names it')
    .option('--dry-run', 'show what would be changed, and change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'the plan or the outcome as one JSON object, without asking')
}
