/** What a ClientHello says of where it wants to go. */
export interface ClientHello {
  /** lower case; null without SNI */
  servername: string | null
  protocols: string[]
}

const RECORD_HEADER = 5
const MAX_RECORD = 16_384
const SERVER_NAME = 0
const ALPN = 16

/** Whether the first record of a TLS connection has come in full, or never will within bounds. */
export function isWholeRecord(bytes: Buffer): boolean {
  if (bytes.length < RECORD_HEADER) return false
  const length = bytes.readUInt16BE(3)
  return length > MAX_RECORD || bytes.length >= RECORD_HEADER + length
}

/** Reads name and protocols of a ClientHello (RFC 8446 section 4.1.2) that is one record; null when it is none. */
export function readClientHello(bytes: Buffer): ClientHello | null {
  try {
    return parse(bytes)
  } catch (error) {
    if (error instanceof RangeError) return null // it ends before it says so
    throw error
  }
}

function parse(bytes: Buffer): ClientHello | null {
  if (bytes[0] !== 0x16 || bytes[RECORD_HEADER] !== 1) return null
  let at = RECORD_HEADER + 4 + 2 + 32
  at += 1 + bytes.readUInt8(at)
  at += 2 + bytes.readUInt16BE(at)
  at += 1 + bytes.readUInt8(at)
  const end = at + 2 + bytes.readUInt16BE(at)
  const hello: ClientHello = { servername: null, protocols: [] }
  for (at += 2; at + 4 <= end; ) {
    const type = bytes.readUInt16BE(at)
    const length = bytes.readUInt16BE(at + 2)
    const content = bytes.subarray(at + 4, at + 4 + length)
    if (type === SERVER_NAME) hello.servername = serverNameIn(content)
    if (type === ALPN) hello.protocols = protocolsIn(content)
    at += 4 + length
  }
  return hello
}

/** RFC 6066 section 3: a list of names, of which only the first is ever there. */
function serverNameIn(content: Buffer): string {
  return content
    .subarray(5, 5 + content.readUInt16BE(3))
    .toString('latin1')
    .toLowerCase()
}

/** RFC 7301 section 3.1 */
function protocolsIn(content: Buffer): string[] {
  const names: string[] = []
  for (let at = 2; at < content.length; at += 1 + content.readUInt8(at))
    names.push(content.subarray(at + 1, at + 1 + content.readUInt8(at)).toString('latin1'))
  return names
}
