import { isIP } from 'node:net'
import type { HostsLine } from '../../../shared/doctor-facts.js'

/** The lines of a hosts file (hosts(5)) that name hosts; names in lower case. */
export function readHostsLines(text: string): HostsLine[] {
  const lines: HostsLine[] = []
  let own = false
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^# BEGIN Portico\b/.test(line)) own = true
    if (/^# END Portico\b/.test(line)) own = false
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    if (isIP(address.split('%', 1)[0] ?? '') === 0 || names.length === 0) continue
    lines.push({ number: index + 1, address, names: names.map((name) => name.toLowerCase()), own })
  }
  return lines
}
