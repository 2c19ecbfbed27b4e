/**
 * The part of a hosts file that is Portico's, between two marker lines. All else in the file stays as it is, byte for
 * byte, and so do lines of somebody else's between the markers.
 */

/** A name of the block, and what it stands for. */
export interface HostsEntry {
  address: string
  name: string
}

const BEGIN = '# BEGIN Portico'
/** The line before had no end, and got one with the block; it loses that again with the block. */
const BEGIN_AFTER_OPEN_LINE = `${BEGIN} (the line before had no end)`
const END = '# END Portico'
const OWN_LINE = /^(127(?:\.\d{1,3}){3}|::1)\t(\S+)$/

/**
 * The text of a hosts file with these names in Portico's block, which is made, replaced, or taken out when there are
 * none. Lines end as those of the file do. One name a line, because Windows reads no more than nine.
 *
 * @param addresses of loopback; each name stands for all of them
 * @param lineEnd of a file that has no line yet
 */
export function withHosts(
  text: string,
  names: readonly string[],
  addresses: readonly string[],
  lineEnd: '\n' | '\r\n' = '\n',
): string {
  const rest = withoutHosts(text)
  const entries = [...new Set(names)].sort().flatMap((name) => addresses.map((address) => `${address}\t${name}`))
  if (entries.length === 0) return rest
  const end = /\r?\n/.exec(rest)?.[0] ?? lineEnd
  const open = rest !== '' && !rest.endsWith('\n')
  const block = [open ? BEGIN_AFTER_OPEN_LINE : BEGIN, ...entries, END]
  return `${rest}${open ? end : ''}${block.map((line) => line + end).join('')}`
}

/** The text of a hosts file without Portico's block. A marker without its counterpart is somebody else's line. */
export function withoutHosts(text: string): string {
  const kept: string[] = []
  /** where in `kept` the begin markers are that have no end yet */
  const begins: number[] = []
  let openEnd = ''
  for (const line of linesOf(text)) {
    const words = bare(line)
    if (words === END && begins.length > 0) {
      const [begin = '', ...inside] = kept.splice(begins.pop() as number)
      kept.push(...inside.filter((one) => !OWN_LINE.test(bare(one))))
      openEnd = bare(begin) === BEGIN_AFTER_OPEN_LINE ? begin.slice(bare(begin).length) : ''
      continue
    }
    if (words === BEGIN || words === BEGIN_AFTER_OPEN_LINE) begins.push(kept.length)
    kept.push(line)
    openEnd = ''
  }
  const rest = kept.join('')
  return openEnd !== '' && rest.endsWith(openEnd) ? rest.slice(0, -openEnd.length) : rest
}

/** What Portico's block says. */
export function hostsEntries(text: string): HostsEntry[] {
  const entries: HostsEntry[] = []
  let found: HostsEntry[] | null = null
  for (const line of linesOf(text).map(bare)) {
    if (line === BEGIN || line === BEGIN_AFTER_OPEN_LINE) found = []
    if (line === END) {
      entries.push(...(found ?? []))
      found = null
    }
    const [, address, name] = OWN_LINE.exec(line) ?? []
    if (address !== undefined && name !== undefined) found?.push({ address, name })
  }
  return entries
}

/** Each with its end. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? []
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '')
}
