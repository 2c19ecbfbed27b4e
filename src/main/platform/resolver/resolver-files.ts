import type { Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { type Machine, namesIn, readText } from '../trust-store/machine.js'
import { domainsOf } from './domains.js'
import { dnsIsOff, OWN_FILE, type ResolverWish } from './wish.js'

const FOLDER = '/etc/resolver'

/** A file for each domain in /etc/resolver (resolver(5) of macOS), which the system reads as soon as it is there. */
export async function resolverFiles(machine: Machine, wish: ResolverWish): Promise<Setting> {
  const domains = domainsOf(wish.hosts)
  const there = new Map<string, string>()
  for (const name of await namesIn(machine, FOLDER))
    there.set(name, (await readText(machine, `${FOLDER}/${name}`)) ?? '')
  const own = [...there].filter(([, text]) => text.startsWith(OWN_FILE)).map(([name]) => name)
  const foreign = domains.filter((domain) => there.has(domain) && !own.includes(domain))
  const content = fileContent(wish.dnsPort ?? 0)
  const missing = domains.filter((domain) => !foreign.includes(domain) && there.get(domain) !== content)
  const surplus = own.filter((domain) => !domains.includes(domain))
  const upToDate = own.length > 0 && missing.length === 0 && surplus.length === 0
  return {
    id: 'resolver-files',
    title: 'Files in /etc/resolver',
    unfit: dnsIsOff(wish),
    state: upToDate ? 'on' : own.length > 0 ? 'outdated' : 'off',
    detail: own.length === 0 ? '' : `for ${own.join(', ')}`,
    install: [
      ...missing.map((domain): Step => {
        const why = `Names under ${domain} are asked of Portico.`
        return { kind: 'write-file', path: `${FOLDER}/${domain}`, content, mode: 0o644, elevated: true, why }
      }),
      ...surplus.map(removal),
      ...foreign.map((domain): Step => ({ kind: 'note', text: `${FOLDER}/${domain} is somebody else's, and stays.` })),
    ],
    uninstall: own.map(removal),
  }
}

function fileContent(port: number): string {
  return `${OWN_FILE}\nnameserver 127.0.0.1\nport ${port}\ntimeout 2\n`
}

function removal(domain: string): Step {
  const why = `Names under ${domain} are asked where they were before.`
  return { kind: 'remove-file', path: `${FOLDER}/${domain}`, elevated: true, why }
}
