import path from 'node:path'
import type { Setting } from '../plan/setting.js'
import { findProgram, type Machine } from '../trust-store/machine.js'
import { type LowPorts, OWN_FILE, privilegedOf } from './low-ports.js'
import { portsUnfit, redirectSetting } from './redirect-setting.js'

const SCRIPT = '/etc/portico-redirect.sh'
const CHAIN = 'PORTICO'

/** The same redirect for systems that have iptables and no nft, in a chain of its own. */
export async function redirectByIptables(machine: Machine, ports: LowPorts): Promise<Setting> {
  const iptables = await findProgram(machine, 'iptables')
  const program = iptables ?? '/usr/sbin/iptables'
  const call = (word: 'on' | 'off') => ({ program: '/bin/sh', args: [SCRIPT, word] })
  return redirectSetting(machine, {
    id: 'redirect-iptables',
    title: 'Redirect by iptables',
    unfit: portsUnfit(ports) ?? (iptables === null ? 'iptables is not installed.' : null),
    file: SCRIPT,
    content: iptablesScript(ports, path.posix.dirname(program)),
    load: call('on'),
    drop: call('off'),
    clear: call('off'),
    unit: 'portico-redirect-iptables.service',
    after: 'iptables.service netfilter-persistent.service firewalld.service',
    inForce: async () => (iptables === null ? null : inForce(machine, program, ports)),
  })
}

/**
 * What puts the rules in force (`on`), anew where they are, and takes them out (`off`) whether they are or not. IPv6 is
 * left alone where the kernel has none.
 *
 * @param folder absolute; where iptables and ip6tables are
 */
export function iptablesScript(ports: LowPorts, folder: string): string {
  const rules = privilegedOf(ports).map(
    ({ port, fallback }) =>
      `  "$1" -w -t nat -A ${CHAIN} -d "$2" -p tcp --dport ${port} -j REDIRECT --to-ports ${fallback} || return`,
  )
  return `${OWN_FILE}
off() {
  while "$1" -w -t nat -D OUTPUT -j ${CHAIN} 2>/dev/null; do :; done
  "$1" -w -t nat -F ${CHAIN} 2>/dev/null
  "$1" -w -t nat -X ${CHAIN} 2>/dev/null
  return 0
}
on() {
  "$1" -w -t nat -N ${CHAIN} || return
${rules.join('\n')}
  "$1" -w -t nat -A OUTPUT -j ${CHAIN}
}
both() {
  "$1" ${folder}/iptables 127.0.0.0/8 || return
  [ ! -e /proc/net/if_inet6 ] || "$1" ${folder}/ip6tables ::1/128
}
both off
[ "$1" = off ] || both on || { both off; exit 1; }
`
}

/** Whether the kernel has the rules for IPv4, which stand for both; null when this user may not know. */
async function inForce(machine: Machine, iptables: string, ports: LowPorts): Promise<boolean | null> {
  const { exitCode, stdout } = await machine.run(iptables, ['-t', 'nat', '-S'])
  return exitCode === 0 ? hasRedirects(stdout, ports) : null
}

/** @param saved what `iptables -t nat -S` prints */
export function hasRedirects(saved: string, ports: LowPorts): boolean {
  const lines = saved.split('\n').map((line) => line.trim())
  if (!lines.includes(`-A OUTPUT -j ${CHAIN}`)) return false
  const found = lines.flatMap((line) => {
    const [, port, fallback] =
      /^-A PORTICO -d 127\.0\.0\.0\/8 -p tcp .*--dport (\d+) -j REDIRECT --to-ports (\d+)$/.exec(line) ?? []
    return port === undefined ? [] : [`${port} ${fallback}`]
  })
  const wanted = privilegedOf(ports).map(({ port, fallback }) => `${port} ${fallback}`)
  return found.length === wanted.length && wanted.every((one) => found.includes(one))
}
