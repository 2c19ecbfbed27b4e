/** Halves of all addresses: OpenVPN takes both instead of the default route, which stays as it is beneath. */
const HALF_MASK = '00000080'
const RTF_UP = 1

/** Interfaces of the default routes in /proc/net/route, which has those of the main table of IPv4. */
export function readProcRoutes(text: string): string[] {
  const found = text.split('\n').flatMap((line) => {
    const [name = '', destination, , flags = '0', , , , mask] = line.trim().split(/\s+/)
    const all = destination === '00000000' && (mask === '00000000' || mask === HALF_MASK)
    return all && (Number.parseInt(flags, 16) & RTF_UP) !== 0 ? [name] : []
  })
  return [...new Set(found)]
}

/** The same of every table and both families, in what `ip -o route show table all` prints. */
export function readIpRoutes(output: string): string[] {
  const found = [...output.matchAll(/^(?:unicast )?(?:default|0\.0\.0\.0\/1|::\/1) .*?\bdev (\S+)/gm)].map(
    ([, name]) => name as string,
  )
  return [...new Set(found)]
}
