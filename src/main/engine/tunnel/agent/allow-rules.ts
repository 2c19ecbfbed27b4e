import ipaddr from 'ipaddr.js'
import { Fault } from '../../../../shared/fault.js'
import { normaliseHostname } from '../../../../shared/hostname.js'
import { isAddress, judgedAddress } from './address.js'

/** One `--allow`. A port of null stands for every port. */
export type AllowRule =
  | { kind: 'name'; host: string; port: number | null }
  /** a single address has all of its bits */
  | { kind: 'range'; base: ipaddr.IPv4 | ipaddr.IPv6; bits: number; single: boolean; port: number | null }

const HINT = 'Write it as db.lan:5432, db.lan:*, 10.0.0.5:22, [fd00::5]:22, 10.0.0.0/8 or 10.0.0.0/8:5432.'

/**
 * Reads what a person allows: HOST:PORT, HOST:*, an address or a range of them with or without a port.
 *
 * @throws Fault `usage`
 */
export function parseAllowRule(text: string): AllowRule {
  const { host, port } = splitPort(text)
  const range = parseRange(host)
  if (range !== null)
    return { kind: 'range', ...range, port: port === undefined || port === '*' ? null : portOf(port, text) }
  const name = normaliseHostname(host)
  if (name === null || name.includes(':') || /^[\d.]+$/.test(name)) throw refuse(text, 'it is not a host and a port')
  if (port === undefined) throw refuse(text, 'the port is missing')
  return { kind: 'name', host: name, port: port === '*' ? null : portOf(port, text) }
}

function splitPort(text: string): { host: string; port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](\/\d+)?(?::(.*))?$/.exec(text)
  if (bracketed !== null) return { host: `${bracketed[1]}${bracketed[2] ?? ''}`, port: bracketed[3] }
  const colons = text.split(':').length - 1
  if (colons !== 1) return { host: text, port: undefined } // an IPv6 address without brackets has no port
  const [host = '', port] = text.split(':')
  return { host, port }
}

function parseRange(host: string): { base: ipaddr.IPv4 | ipaddr.IPv6; bits: number; single: boolean } | null {
  const [address = '', length] = host.split('/')
  if (!isAddress(address)) return null
  if (length === undefined) {
    const base = judgedAddress(address)
    return base === null ? null : { base, bits: base.kind() === 'ipv4' ? 32 : 128, single: true }
  }
  const base = ipaddr.parse(address)
  const most = base.kind() === 'ipv4' ? 32 : 128
  if (!/^\d{1,3}$/.test(length) || Number(length) > most) throw refuse(host, `a range has at most ${most} bits`)
  return { base, bits: Number(length), single: false }
}

function portOf(text: string, whole: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port
  throw refuse(whole, 'a port is a number from 1 to 65535, or *')
}

function refuse(text: string, why: string): Fault {
  return new Fault('usage', `"${text}" cannot be allowed: ${why}.`, HINT)
}
