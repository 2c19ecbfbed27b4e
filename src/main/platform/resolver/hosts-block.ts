import { isIP } from 'node:net'
import type { HostsLine } from '../../../shared/doctor-facts.js'

/**
 * The part of a hosts file that is Portico's, between two marker lines. All else in the file stays as it is, byte for
 * byte, and so do lines of somebody else's between the markers.
 */

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
  const lines = markedLines(text)
  const rest = lines
    .filter(({ own }) => !own)
    .map(({ line }) => line)
    .join('')
  const begin = lines.at(-1)?.begin ?? ''
  const openEnd = bare(begin) === BEGIN_AFTER_OPEN_LINE ? begin.slice(bare(begin).length) : ''
  return openEnd !== '' && rest.endsWith(openEnd) ? rest.slice(0, -openEnd.length) : rest
}

/** The lines of a hosts file (hosts(5)) that name hosts; names in lower case. */
export function readHostsLines(text: string): HostsLine[] {
  return markedLines(text).flatMap(({ line, own }, index) => {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    if (isIP(address.split('%', 1)[0] ?? '') === 0 || names.length === 0) return []
    return [{ number: index + 1, address, names: names.map((name) => name.toLowerCase()), own }]
  })
}

/** The names that Portico's block has. */
export function namesInBlock(text: string): string[] {
  return [...new Set(readHostsLines(text).flatMap(({ own, names }) => (own ? names : [])))]
}

interface MarkedLine {
  /** with its end */
  line: string
  /** a marker that has its counterpart, or what Portico wrote between the two */
  own: boolean
  /** of an end marker: the begin marker that it belongs to */
  begin?: string
}

function markedLines(text: string): MarkedLine[] {
  const lines: MarkedLine[] = linesOf(text).map((line) => ({ line, own: false }))
  /** where the begin markers are that have no end yet */
  const begins: number[] = []
  for (const [index, one] of lines.entries()) {
    const words = bare(one.line)
    if (words === BEGIN || words === BEGIN_AFTER_OPEN_LINE) begins.push(index)
    if (words !== END) continue
    const begin = begins.pop()
    if (begin === undefined) continue
    one.begin = lines[begin]?.line ?? ''
    for (const inside of lines.slice(begin, index + 1)) inside.own ||= OWN_LINE.test(bare(inside.line))
    one.own = (lines[begin] as MarkedLine).own = true
  }
  return lines
}

/** Each with its end. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+/g) ?? []
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '')
}
