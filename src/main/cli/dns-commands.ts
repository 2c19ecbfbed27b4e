import { Resolver } from 'node:dns/promises'
import type { Config } from '../../shared/config.js'
import { currentPlatform } from '../platform/platform.js'
import { leadsHere, plainNames, systemLookUp } from '../platform/resolver/names.js'
import { resolverSettings } from '../platform/resolver/resolver.js'
import { hostsOf, resolverWish } from '../platform/resolver/resolver-wish.js'
import type { ResolverWish } from '../platform/resolver/wish.js'
import { thisMachine } from '../platform/trust-store/this-machine.js'
import { plain, plainJson } from './escape.js'
import { print, styled } from './output.js'
import { servedConfig } from './served-config.js'
import { changeSettings, listedSetting, type SettingOptions, settingLines } from './setting-commands.js'

const STATUS = 'portico dns status'

/** `portico dns install`: has the system find the hosts of the apps. */
export async function dnsInstall(options: SettingOptions): Promise<void> {
  await change('install', options, 'The system finds every name already.')
}

/** `portico dns uninstall`: takes back what was made. */
export async function dnsUninstall(options: SettingOptions): Promise<void> {
  await change('uninstall', options, 'The system has nothing of Portico’s.')
}

/** `portico dns status`: what the system finds for each host, and how it was told. */
export async function dnsStatus(options: SettingOptions): Promise<void> {
  const machine = thisMachine(currentPlatform())
  const config = await servedConfig(options)
  const [settings, names, answers] = await Promise.all([
    resolverSettings(machine, await resolverWish(machine, config, systemLookUp)),
    Promise.all(plainNames(hostsOf(config)).map(nameStatus)),
    config.dns.enabled ? responderAnswers(config) : null,
  ])
  const { enabled, port } = config.dns
  if (options.json === true) {
    return print(plainJson({ dns: { enabled, port, answers }, names, ways: settings.map(listedSetting) }))
  }
  print(`Portico's DNS is ${enabled ? `on, at port ${port}${answers ? '' : ', and does not answer'}` : 'off'}.`)
  for (const line of settingLines(settings)) print(line)
  for (const { name, addresses, here } of names) {
    const found = addresses.length === 0 ? 'is not found' : addresses.join(', ')
    print(`${plain(name)}  ${styled(here ? 'green' : 'red', plain(found))}`)
  }
}

async function change(action: 'install' | 'uninstall', options: SettingOptions, nothing: string): Promise<void> {
  const machine = thisMachine(currentPlatform())
  const config = action === 'install' ? await servedConfig(options) : await servedConfig(options).catch(() => null)
  const find = async () =>
    resolverSettings(machine, config === null ? NOTHING : await resolverWish(machine, config, systemLookUp))
  await changeSettings({ action, machine, find, options, nothing, statusCommand: STATUS })
}

const NOTHING: ResolverWish = { hosts: [], dnsPort: null, names: [], addresses: [] }

async function nameStatus(name: string) {
  const addresses = await systemLookUp(name)
  return { name, addresses, here: leadsHere(addresses) }
}

/** Whether it knows one of our hosts. */
async function responderAnswers(config: Config): Promise<boolean> {
  const [name] = plainNames(hostsOf(config))
  if (name === undefined) return false
  const resolver = new Resolver({ timeout: 1_000, tries: 1 })
  resolver.setServers([`127.0.0.1:${config.dns.port}`])
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  return found.some(({ status }) => status === 'fulfilled')
}
