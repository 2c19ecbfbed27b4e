import type { Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { type Machine, namesIn, readText } from '../trust-store/machine.js'
import { domainsOf } from './domains.js'
import { dnsIsOff, OWN_FILE, type ResolverWish } from './wish.js'

const FILE = '/etc/NetworkManager/dnsmasq.d/portico.conf'
const MAIN = '/etc/NetworkManager/NetworkManager.conf'
const MORE = '/etc/NetworkManager/conf.d'

/** A drop-in for the dnsmasq that NetworkManager runs, where it was told to. */
export async function networkManager(machine: Machine, wish: ResolverWish): Promise<Setting> {
  const domains = domainsOf(wish.hosts)
  const lines = domains.map((domain) => `server=/${domain}/127.0.0.1#${wish.dnsPort ?? 0}\n`)
  const content = `${OWN_FILE}\n${lines.join('')}`
  const there = await readText(machine, FILE)
  const files = [
    MAIN,
    ...(await namesIn(machine, MORE)).filter((name) => name.endsWith('.conf')).map((name) => `${MORE}/${name}`),
  ]
  const texts = await Promise.all(files.map(async (file) => (await readText(machine, file)) ?? ''))
  const resolvConf = (await readText(machine, '/etc/resolv.conf')) ?? ''
  const why = `Names under ${domains.join(', ')} are asked of Portico.`
  return {
    id: 'networkmanager',
    title: 'dnsmasq of NetworkManager',
    unfit: dnsIsOff(wish) ?? judgeNetworkManager(texts, resolvConf),
    state: there === null ? 'off' : there === content ? 'on' : 'outdated',
    detail: there === null ? '' : [...there.matchAll(/^server=\/([^/]+)\//gm)].map(([, domain]) => domain).join(', '),
    install:
      there === content
        ? []
        : [{ kind: 'write-file', path: FILE, content, mode: 0o644, elevated: true, why }, reload()],
    uninstall:
      there === null
        ? []
        : [
            { kind: 'remove-file', path: FILE, elevated: true, why: 'Names are asked where they were before.' },
            reload(),
          ],
  }
}

/**
 * Why its dnsmasq is of no use; null when programs ask it.
 *
 * @param settings its settings files, in the order in which they hold
 */
export function judgeNetworkManager(settings: readonly string[], resolvConf: string): string | null {
  const plugin = settings.map(dnsPlugin).findLast((one) => one !== null) ?? null
  if (plugin !== 'dnsmasq') return 'NetworkManager runs no dnsmasq here (dns=dnsmasq under [main]).'
  return /^\s*nameserver\s+127\.0\.[01]\.1\b/m.test(resolvConf) ? null : 'Programs do not ask it (/etc/resolv.conf).'
}

/** The last `dns=` of the section [main]. */
function dnsPlugin(text: string): string | null {
  let section = ''
  let plugin: string | null = null
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1] ?? section
    if (section === 'main') plugin = /^\s*dns\s*=\s*(\S+)/.exec(line)?.[1] ?? plugin
  }
  return plugin
}

function reload(): Step {
  const why = 'Starts its dnsmasq anew.'
  const args = ['general', 'reload', 'dns-full']
  return { kind: 'command', program: '/usr/bin/nmcli', args, elevated: true, refresh: true, why }
}
