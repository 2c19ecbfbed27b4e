import type { CommandStep, Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { exists, type Machine, readText } from '../trust-store/machine.js'
import { type LowPorts, OWN_FILE, privilegedOf } from './low-ports.js'

export type Invocation = Pick<CommandStep, 'program' | 'args' | 'stdin'>

/** Rules of the kernel that are kept in a file, which a tool puts in force and takes out of force. */
export interface RedirectRules {
  id: string
  title: string
  unfit: string | null
  /** absolute path, and what is to be in it */
  file: string
  content: string
  /** a second time it has the rules replace themselves */
  load: Invocation
  /** takes back what `load` did */
  drop: Invocation
  /** the same, whether they are in force or not */
  clear: Invocation
  /** name of the systemd unit that loads them at each boot */
  unit: string
  /** units of others that come before */
  after: string
  /** whether the kernel has them; null when this user may not know. Asked only where the file is as it should be */
  inForce(): Promise<boolean | null>
}

/** The setting that such rules are. What is in the file tells which: only root may ask the kernel. */
export async function redirectSetting(machine: Machine, rules: RedirectRules): Promise<Setting> {
  const { id, title, unfit, file, content } = rules
  const unitFile = `/etc/systemd/system/${rules.unit}`
  const [systemd, there] = [await exists(machine, '/run/systemd/system'), await readText(machine, file)]
  const kept = await exists(machine, unitFile)
  const on = there === content && (!systemd || kept) && (await rules.inForce()) !== false
  return {
    id,
    title,
    unfit,
    state: on ? 'on' : there === null ? 'off' : 'outdated',
    detail: there === null ? '' : redirectsIn(there),
    install: on ? [] : additions(rules, systemd ? unitFile : null),
    uninstall: there === null ? [] : removals(rules, systemd && kept ? unitFile : null),
  }
}

/** Why no redirect fits; null when the ports allow for one. */
export function portsUnfit(ports: LowPorts): string | null {
  const wanted = privilegedOf(ports)
  if (wanted.length === 0) return 'The config names no port below 1024.'
  return wanted.some(({ fallback }) => fallback === 0) ? 'The config names no fallback ports to redirect to.' : null
}

/** As `443 to 4443, 80 to 8080`, from the rules of either tool. */
function redirectsIn(text: string): string {
  const found = [...text.matchAll(/dport (\d+) .*?(?::|--to-ports )(\d+)/g)].map(([, from, to]) => `${from} to ${to}`)
  return [...new Set(found)].join(', ')
}

function additions({ file, content, load, drop, unit, after }: RedirectRules, unitFile: string | null): Step[] {
  const boot: Step[] =
    unitFile === null
      ? [{ kind: 'note', text: 'There is no systemd: the rules hold until the next boot.' }]
      : [
          write(unitFile, unitText(load, after), 'Puts them in force at each boot.'),
          command(systemctl('enable', unit), 'The same.', systemctl('disable', unit)),
        ]
  return [
    write(file, content, 'The rules: only connections of this machine to its own loopback.'),
    command(load, 'Puts them in force.', drop),
    ...boot,
  ]
}

function removals({ file, load, clear, unit }: RedirectRules, unitFile: string | null): Step[] {
  const why = 'No more at the next boot.'
  const boot: Step[] =
    unitFile === null
      ? []
      : [
          command(systemctl('disable', unit), why, systemctl('enable', unit)),
          { kind: 'remove-file', path: unitFile, elevated: true, why },
        ]
  return [
    ...boot,
    command(clear, 'Takes them out of force, if they are.', load),
    { kind: 'remove-file', path: file, elevated: true, why: 'The rules.' },
  ]
}

function command(step: Invocation, why: string, undo?: Invocation): CommandStep {
  return { kind: 'command', ...step, elevated: true, why, ...(undo === undefined ? {} : { undo }) }
}

function write(path: string, content: string, why: string): Step {
  return { kind: 'write-file', path, content, mode: 0o644, elevated: true, why }
}

function systemctl(...args: string[]): Invocation {
  return { program: '/usr/bin/systemctl', args }
}

function unitText({ program, args }: Invocation, after: string): string {
  return `${OWN_FILE}
[Unit]
Description=Ports of Portico on loopback
After=${after}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${[program, ...args].join(' ')}

[Install]
WantedBy=multi-user.target
`
}
