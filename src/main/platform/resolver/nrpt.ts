import type { Step } from '../../../shared/plan.js'
import { literal } from '../elevation/powershell-script.js'
import type { Setting } from '../plan/setting.js'
import type { Machine } from '../trust-store/machine.js'
import { domainsOf } from './domains.js'
import { dnsIsOff, type ResolverWish } from './wish.js'

const OURS = "Get-DnsClientNrptRule | Where-Object { $_.Comment -eq 'Portico' }"
const REMOVE = `${OURS} | ForEach-Object { Remove-DnsClientNrptRule -Name $_.Name -Force }`

/** Rules of Windows' Name Resolution Policy Table. They name a server and no port, so Portico has to be at 53. */
export async function nrpt(machine: Machine, wish: ResolverWish): Promise<Setting> {
  const namespaces = domainsOf(wish.hosts).flatMap(namespacesOf)
  const result = await machine.run('powershell.exe', powershell(`${OURS} | ForEach-Object { $_.Namespace }`))
  const there = result.stdout
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  const same = there.length > 0 && [...there].sort().join() === [...namespaces].sort().join()
  const add = `Add-DnsClientNrptRule -Namespace ${namespaces.map(literal).join(',')} -NameServers '127.0.0.1' -Comment 'Portico'`
  const why = `Names under ${domainsOf(wish.hosts).join(', ')} are asked of Portico.`
  return {
    id: 'nrpt',
    title: 'Name Resolution Policy Table',
    unfit: dnsIsOff(wish) ?? (wish.dnsPort === 53 ? null : PORT),
    state: same ? 'on' : there.length > 0 ? 'outdated' : 'off',
    detail: there.join(', '),
    install: same ? [] : [command(`${REMOVE}; ${add}`, why), flush()],
    uninstall: there.length === 0 ? [] : [command(REMOVE, "Takes Portico's rules out."), flush()],
  }
}

const PORT =
  'Windows asks DNS servers at port 53 only: set "port" to 53 under "dns" in the config, or use the hosts file (--via hosts).'

/** `.test` stands for all below; a name of its own is a rule of its own. */
function namespacesOf(domain: string): string[] {
  return domain.includes('.') ? [domain, `.${domain}`] : [`.${domain}`]
}

function powershell(script: string): string[] {
  return ['-NoProfile', '-NonInteractive', '-Command', `$ErrorActionPreference = 'Stop'; ${script}`]
}

function command(script: string, why: string): Step {
  const undo = { program: 'powershell.exe', args: powershell(REMOVE) }
  return { kind: 'command', program: 'powershell.exe', args: powershell(script), elevated: true, why, undo }
}

function flush(): Step {
  const why = 'Forgets the answers from before.'
  return { kind: 'command', program: 'ipconfig.exe', args: ['/flushdns'], elevated: true, refresh: true, why }
}
