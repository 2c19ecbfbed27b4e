/** A row of /proc/net/tcp or tcp6 that listens. */
export interface ProcSocket {
  address: string
  port: number
  inode: string
}

const LISTEN_STATE = '0A'

/** The listening sockets of a table as /proc/net/tcp and /proc/net/tcp6 have it (proc(5)). */
export function parseSocketTable(table: string): ProcSocket[] {
  return table
    .split('\n')
    .filter((line) => line.includes(` ${LISTEN_STATE} `)) // a busy machine has thousands of others
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state, , , , , , inode]) => {
      const [address = '', port = ''] = local.split(':')
      if (state !== LISTEN_STATE || inode === undefined) return []
      return [{ address: decodeAddress(address), port: Number.parseInt(port, 16), inode }]
    })
}

/** The connected sockets at a local port, and the users (uid) whose they are. */
export function parseSocketUsers(table: string, port: number): { address: string; user: number }[] {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  return table
    .split('\n')
    .filter((line) => line.includes(`:${hex} `))
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state, , , , user]) => {
      const [address = '', at] = local.split(':')
      if (at !== hex || state === LISTEN_STATE || user === undefined) return []
      return [{ address: decodeAddress(address), user: Number(user) }]
    })
}

/** Addresses are printed as 32-bit words in the machine's byte order, which is little-endian wherever Node runs. */
function decodeAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  )
  if (bytes.length === 4) return bytes.join('.')
  // An IPv4 address in IPv6 clothes (RFC 4291 section 2.5.5.2) accepts IPv4 connections only.
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  return mapped ? bytes.slice(12).join('.') : compressed(bytes)
}

/** RFC 5952, by the URL parser. */
function compressed(bytes: number[]): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1)
}
