import type { Setting } from '../plan/setting.js'
import { findProgram, type Machine } from '../trust-store/machine.js'
import { type LowPorts, OWN_FILE, privilegedOf } from './low-ports.js'
import { portsUnfit, redirectSetting } from './redirect-setting.js'

const RULES = '/etc/portico-redirect.nft'

/** Rules of nftables: what this machine sends to the usual ports of its own loopback arrives at the fallback ports. */
export async function redirect(machine: Machine, ports: LowPorts): Promise<Setting> {
  const nft = await findProgram(machine, 'nft')
  const program = nft ?? '/usr/sbin/nft'
  return redirectSetting(machine, {
    id: 'redirect',
    title: 'Redirect by nftables',
    unfit: portsUnfit(ports) ?? (nft === null ? 'nft (nftables) is not installed.' : null),
    file: RULES,
    content: redirectRules(ports),
    load: { program, args: ['-f', RULES] },
    drop: { program, args: ['delete', 'table', 'inet', 'portico'] },
    clear: { program, args: ['-f', '-'], stdin: CLEAR },
    unit: 'portico-redirect.service',
    after: 'nftables.service',
    inForce: async () => null,
  })
}

/** Whether the table is there or not, it is gone afterwards. */
const CLEAR = 'table inet portico\ndelete table inet portico\n'

/** The rules as `nft -f` reads them; a second time they replace themselves. Needs Linux 5.2. */
export function redirectRules(ports: LowPorts): string {
  const rules = privilegedOf(ports).flatMap(({ port, fallback }) => [
    `    ip daddr 127.0.0.0/8 tcp dport ${port} redirect to :${fallback}`,
    `    ip6 daddr ::1 tcp dport ${port} redirect to :${fallback}`,
  ])
  return [
    OWN_FILE,
    `${CLEAR}table inet portico {`,
    '  chain output {',
    '    type nat hook output priority -100; policy accept;',
    ...rules,
    '  }',
    '}',
    '',
  ].join('\n')
}
