import type { Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { findProgram, type Machine, readText } from '../trust-store/machine.js'
import { type LowPorts, OWN_FILE, privilegedOf } from './low-ports.js'

const KEY = 'net.ipv4.ip_unprivileged_port_start'
const CURRENT = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
const FILE = '/etc/sysctl.d/50-portico.conf'
const USUAL = 1024

/** The port from which on everybody may listen (ip-sysctl), for both families, now and after each boot. */
export async function unprivilegedStart(machine: Machine, ports: LowPorts): Promise<Setting> {
  const [current, there] = [await readText(machine, CURRENT), await readText(machine, FILE)]
  const now = current === null ? null : Number(current.trim())
  const lowest = Math.min(...privilegedOf(ports).map(({ port }) => port), USUAL)
  const kept = there === null ? null : /^# before: (\d+)$/m.exec(there)?.[1]
  const before = Number(kept ?? (now === null || now <= lowest ? USUAL : now))
  const content = `${OWN_FILE}\n# before: ${before}\n${KEY} = ${lowest}\n`
  const sysctl = (await findProgram(machine, 'sysctl')) ?? '/usr/sbin/sysctl'
  const set = (value: number, back: number, why: string): Step => ({
    kind: 'command',
    program: sysctl,
    args: ['-w', `${KEY}=${value}`],
    elevated: true,
    why,
    undo: { program: sysctl, args: ['-w', `${KEY}=${back}`] },
  })
  const permitted = now !== null && now <= lowest
  const on = there === content && permitted
  const why = `From the next boot on everybody may listen on ports from ${lowest} up.`
  return {
    id: 'sysctl',
    title: 'Unprivileged ports of the kernel',
    unfit: judge(now, privilegedOf(ports).length),
    state: on ? 'on' : there === null ? 'off' : 'outdated',
    detail:
      now === null
        ? ''
        : `everybody may listen on ports from ${now} up${there === null && permitted ? ', by other means' : ''}`,
    install: on
      ? []
      : [
          { kind: 'write-file', path: FILE, content, mode: 0o644, elevated: true, why },
          ...(permitted ? [] : [set(lowest, now ?? USUAL, 'The same, from now on.')]),
        ],
    uninstall:
      there === null
        ? []
        : [
            { kind: 'remove-file', path: FILE, elevated: true, why: 'The next boot leaves it as it was.' },
            set(before, now ?? lowest, 'The same, from now on.'),
          ],
  }
}

function judge(now: number | null, wanted: number): string | null {
  if (wanted === 0) return 'The config names no port below 1024.'
  return now === null ? 'This kernel is older than 4.11, and has no such setting.' : null
}
