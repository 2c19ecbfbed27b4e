import { type IncomingMessage, STATUS_CODES } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { HOP_BY_HOP, type RawHeaders } from '../gateway/headers.js'
import { rewriteResponseHeaders } from '../gateway/rewrite-response.js'
import type { HopRefusal } from './hop-gate.js'

/** What is written anew, and what a relay has for itself. */
const NOT_FOR_APPS = /^(host|expect|x-forwarded-for|portico-relay-.*)$/
/** Stands for a visitor of whom nobody knows where they are. */
const SOMEWHERE = '0.0.0.0'

/**
 * The fields of a request as the app's own host gets it. `X-Forwarded-*`, which the relay's gateway has written, stay:
 * they tell the app its public name, and the local gateway who the visitor is, who never is somebody of this machine.
 * `Expect` was answered before.
 *
 * @param raw flat, as received
 * @param upgrade whether the connection is to become another protocol's
 */
export function requestFields(raw: readonly string[], authority: string, upgrade: boolean): RawHeaders {
  const out: RawHeaders = ['Host', authority]
  for (let at = 0; at < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    const lower = name.toLowerCase()
    if (lower === 'upgrade' && upgrade) out.push('Connection', 'Upgrade', name, value)
    else if (lower === 'transfer-encoding') out.push('Transfer-Encoding', 'chunked')
    else if (lower === 'te' && /\btrailers\b/i.test(value)) out.push('TE', 'trailers')
    else if (!NOT_FOR_APPS.test(lower) && !HOP_BY_HOP.has(lower)) out.push(name, value)
  }
  out.push('X-Forwarded-For', visitorOf(raw))
  return out
}

/**
 * Whoever has no address, or one of a loopback, which is that of another machine or made up, is somewhere: here it would open
 * what is for this machine's user alone.
 */
function visitorOf(raw: readonly string[]): string {
  const named = raw.flatMap((name, at) =>
    at % 2 === 0 && name.toLowerCase() === 'x-forwarded-for' ? [raw[at + 1] ?? ''] : [],
  )
  const hops = named.join(',').split(',')
  return hops.map((hop) => (isElsewhere(hop.trim()) ? hop.trim() : SOMEWHERE)).join(', ')
}

function isElsewhere(hop: string): boolean {
  const address = hop.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  return isIP(address) !== 0 && ipaddr.process(address).range() !== 'loopback'
}

/**
 * The fields of an answer as visitors get it: addresses of the app's own host become those of its public name.
 *
 * @param publicOrigin null while it is not known: then they stay
 */
export function answerFields(
  raw: readonly string[],
  { appOrigin, publicOrigin }: { appOrigin: string; publicOrigin: string | null },
  upgrade: boolean,
): RawHeaders {
  const out: RawHeaders = []
  for (let at = 0; at < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    const lower = name.toLowerCase()
    if (!HOP_BY_HOP.has(lower) || (upgrade && (lower === 'upgrade' || lower === 'connection'))) out.push(name, value)
  }
  if (publicOrigin === null) return out
  rewriteResponseHeaders(out, { backendUrl: appOrigin, publicOrigin, stripPrefix: null, addPrefix: null })
  return out
}

/** Status line and fields, for a stream that Node's HTTP has let go of. */
export function textOfHead({ statusCode, statusMessage }: IncomingMessage, fields: RawHeaders): string {
  return headText(`${statusCode} ${statusMessage}`, fields)
}

/** A refusal in full, the last on its connection. */
export function textOfRefusal(refusal: HopRefusal): string {
  const { status, text } = refusal
  return `${headText(`${status} ${STATUS_CODES[status] ?? ''}`, refusalFields(refusal))}${text}\n`
}

/** Of an answer that is the last on its connection, with the text and a line's end as its body. */
export function refusalFields({ text, fields = [] }: HopRefusal): string[] {
  const type = ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(text.length + 1)]
  return [...type, 'Connection', 'close', ...fields]
}

function headText(status: string, fields: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status}`]
  for (let at = 0; at < fields.length; at += 2) lines.push(`${fields[at]}: ${fields[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
