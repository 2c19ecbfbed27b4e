import type { CommandStep, Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { exists, findProgram, type Machine, readText } from '../trust-store/machine.js'
import { type LowPorts, OWN_FILE, privilegedOf } from './low-ports.js'

const RULES = '/etc/portico-redirect.nft'
const UNIT = 'portico-redirect.service'
const UNIT_FILE = `/etc/systemd/system/${UNIT}`
const DROP = ['delete', 'table', 'inet', 'portico']

type Invocation = Pick<CommandStep, 'program' | 'args'>

/** Rules of nftables: what this machine sends to the usual ports of its own loopback arrives at the fallback ports. */
export async function redirect(machine: Machine, ports: LowPorts): Promise<Setting> {
  const nft = await findProgram(machine, 'nft')
  const [systemd, there] = [await exists(machine, '/run/systemd/system'), await readText(machine, RULES)]
  const content = redirectRules(ports)
  const on = there === content && (!systemd || (await exists(machine, UNIT_FILE)))
  const program = nft ?? '/usr/sbin/nft'
  const load = { program, args: ['-f', RULES] }
  const drop = { program, args: DROP }
  const command = (step: Invocation, why: string, undo?: Invocation): CommandStep => ({
    kind: 'command',
    ...step,
    elevated: true,
    why,
    ...(undo === undefined ? {} : { undo }),
  })
  const systemctl = (...args: string[]) => ({ program: '/usr/bin/systemctl', args })
  const write = (path: string, text: string, why: string): Step => ({
    ...{ kind: 'write-file', path, content: text, mode: 0o644, elevated: true, why },
  })
  return {
    id: 'redirect',
    title: 'Redirect by nftables',
    unfit: judge(ports, nft),
    state: on ? 'on' : there === null ? 'off' : 'outdated',
    detail:
      there === null
        ? ''
        : [...there.matchAll(/dport (\d+) .*:(\d+)$/gm)]
            .map(([, from, to]) => `${from} to ${to}`)
            .filter(unique)
            .join(', '),
    install: on
      ? []
      : [
          write(RULES, content, 'The rules: only connections of this machine to its own loopback.'),
          command(load, 'Puts them in force.', drop),
          ...(systemd
            ? [
                write(UNIT_FILE, unit(program), 'Puts them in force at each boot.'),
                command(systemctl('enable', UNIT), 'The same.', systemctl('disable', UNIT)),
              ]
            : [{ kind: 'note' as const, text: 'There is no systemd: the rules hold until the next boot.' }]),
        ],
    uninstall:
      there === null
        ? []
        : [
            ...(systemd && (await exists(machine, UNIT_FILE))
              ? [
                  command(systemctl('disable', UNIT), 'No more at the next boot.', systemctl('enable', UNIT)),
                  { kind: 'remove-file' as const, path: UNIT_FILE, elevated: true, why: 'No more at the next boot.' },
                ]
              : []),
            { ...command({ program, args: ['-f', '-'] }, 'Takes them out of force, if they are.', load), stdin: CLEAR },
            { kind: 'remove-file', path: RULES, elevated: true, why: 'The rules.' },
          ],
  }
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

function judge(ports: LowPorts, nft: string | null): string | null {
  const wanted = privilegedOf(ports)
  if (wanted.length === 0) return 'The config names no port below 1024.'
  if (wanted.some(({ fallback }) => fallback === 0)) return 'The config names no fallback ports to redirect to.'
  return nft === null ? 'nft (nftables) is not installed.' : null
}

function unit(nft: string): string {
  return `${OWN_FILE}
[Unit]
Description=Ports of Portico on loopback
After=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${nft} -f ${RULES}

[Install]
WantedBy=multi-user.target
`
}

function unique(text: string, index: number, all: string[]): boolean {
  return all.indexOf(text) === index
}
