/** The first releases of each line with 2026's fixes to HTTP/2, TLS and the HTTP parser; lines between them ended. */
const FIRST_GOOD: Record<number, readonly [minor: number, patch: number]> = { 22: [23, 0], 24: [17, 0], 26: [3, 1] }
const NEWEST_LINE = 26

/**
 * Why Portico does not run on this version of Node, in one sentence with the remedy; null when it does.
 *
 * @param version as in `process.versions.node`
 */
export function nodeRefusal(version: string): string | null {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const first = FIRST_GOOD[major]
  const good = first === undefined ? major > NEWEST_LINE : minor > first[0] || (minor === first[0] && patch >= first[1])
  if (good) return null
  return `Portico needs Node 24.17 or later, or 22.23 or later (this is ${version}): older ones lack fixes that keep a gateway safe; install one from https://nodejs.org.`
}
