import type { Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { findProgram, type Machine, readText } from '../trust-store/machine.js'
import { domainsOf } from './domains.js'
import { readResolvectl, systemdVersion } from './resolvectl-status.js'
import { dnsIsOff, OWN_FILE, type ResolverWish } from './wish.js'

const FILE = '/etc/systemd/resolved.conf.d/portico.conf'

/** A drop-in for systemd-resolved, which asks Portico for our domains and for nothing else (resolved.conf(5)). */
export async function systemdResolved(machine: Machine, wish: ResolverWish): Promise<Setting> {
  // systemd-resolved answers for names under localhost by itself (RFC 6761 section 6.3), with loopback.
  const domains = domainsOf(wish.hosts).filter((domain) => domain !== 'localhost')
  const port = wish.dnsPort ?? 0
  const content = `${OWN_FILE}\n[Resolve]\nDNS=127.0.0.1:${port}\nDomains=${domains.map((one) => `~${one}`).join(' ')}\n`
  const there = await readText(machine, FILE)
  const off = there === null && domains.length === 0 ? 'No app has a host that it does not know already.' : null
  return {
    id: 'systemd-resolved',
    title: 'systemd-resolved',
    unfit: dnsIsOff(wish) ?? judgeResolved(await resolvedFacts(machine)) ?? off,
    state: there === null ? 'off' : there === content ? 'on' : 'outdated',
    detail: there === null ? '' : (/^Domains=(.*)$/m.exec(there)?.[1] ?? '').replaceAll('~', ''),
    install:
      there === content
        ? []
        : [
            {
              kind: 'write-file',
              path: FILE,
              content,
              mode: 0o644,
              elevated: true,
              why: `Names under ${domains.join(', ')} are asked of Portico.`,
            },
            restart(),
          ],
    uninstall:
      there === null
        ? []
        : [
            { kind: 'remove-file', path: FILE, elevated: true, why: 'Names are asked where they were before.' },
            restart(),
          ],
  }
}

export interface ResolvedFacts {
  /** null: it does not run here */
  status: string | null
  version: number | null
  nsswitch: string
  resolvConf: string
}

/** Why asking through systemd-resolved does no good; null when it does. */
export function judgeResolved({ status, version, nsswitch, resolvConf }: ResolvedFacts): string | null {
  if (status === null) return 'systemd-resolved does not run here.'
  if (version !== null && version < 246) return `systemd ${version} can not ask at another port than 53; 246 can.`
  const modules = /^\s*hosts:(.*)$/m.exec(nsswitch)?.[1]?.split(/\s+/) ?? []
  const stub = /^\s*nameserver\s+127\.0\.0\.5[34]\b/m.test(resolvConf)
  if (!modules.includes('resolve') && !stub) return 'Programs do not ask systemd-resolved here (/etc/resolv.conf).'
  // Domains of ours would hold for those servers too, which would then be asked for nothing else.
  const others = readResolvectl(status).servers.filter((server) => !/^127\.0\.0\.1:\d+$/.test(server))
  return others.length === 0
    ? null
    : `It has servers for all networks (${others.join(', ')}), which this would confine.`
}

async function resolvedFacts(machine: Machine): Promise<ResolvedFacts> {
  const program = await findProgram(machine, 'resolvectl')
  const [status, version] =
    program === null
      ? [null, null]
      : await Promise.all([machine.run(program, ['status', '--no-pager']), machine.run(program, ['--version'])])
  return {
    status: status?.exitCode === 0 ? status.stdout : null,
    version: systemdVersion(version?.stdout ?? ''),
    nsswitch: (await readText(machine, '/etc/nsswitch.conf')) ?? '',
    resolvConf: (await readText(machine, '/etc/resolv.conf')) ?? '',
  }
}

function restart(): Step {
  const why = 'Makes it read its settings.'
  const args = ['try-restart', 'systemd-resolved.service']
  return { kind: 'command', program: '/usr/bin/systemctl', args, elevated: true, refresh: true, why }
}
