/** What `resolvectl status` says of the settings that hold for no network alone. */
export interface ResolvedStatus {
  servers: string[]
  domains: string[]
}

/** Reads its section "Global". Values go on in further lines, which IPv6 addresses fill with colons of their own. */
export function readResolvectl(output: string): ResolvedStatus {
  const found: Record<string, string[]> = {}
  let key = ''
  for (const line of globalLines(output)) {
    const [, name, rest] = /^\s*([A-Za-z][A-Za-z. ]*):(?:\s+(.*))?$/.exec(line) ?? []
    if (name !== undefined) key = name.trim()
    const words = (name === undefined ? line : (rest ?? '')).trim().split(/\s+/).filter(Boolean)
    if (key !== '') found[key] = [...(found[key] ?? []), ...words]
  }
  return { servers: found['DNS Servers'] ?? [], domains: found['DNS Domain'] ?? found['DNS Domains'] ?? [] }
}

function globalLines(output: string): string[] {
  return (sectionsOf(output).find((section) => section.startsWith('Global')) ?? '').split(/\r?\n/).slice(1)
}

/** Interfaces that bring name servers of their own. @param output of `resolvectl status` */
export function linksWithServers(output: string): string[] {
  return sectionsOf(output).flatMap((section) => {
    const name = /^Link \d+ \((\S+)\)/.exec(section)?.[1]
    return name !== undefined && /^\s*DNS Servers:\s*\S/m.test(section) ? [name] : []
  })
}

/** Each with its title. Names of values are aligned at the right, and the longest begins where titles do. */
function sectionsOf(output: string): string[] {
  return output.split(/^(?=Global\b|Link \d+ )/m)
}

/** The version in what `resolvectl --version` prints, as `systemd 252 (252.30-1~deb12u2)`; null when it says none. */
export function systemdVersion(output: string): number | null {
  const [, version] = /^systemd (\d+)/m.exec(output) ?? []
  return version === undefined ? null : Number(version)
}
