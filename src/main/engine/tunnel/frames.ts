/**
 * The frames of docs/tunnel-protocol.md: one binary WebSocket message each, `type (1 byte) · stream (4 bytes) · payload`,
 * numbers in network byte order.
 */

/** Bytes of an ended or refused stream's reason that are kept. */
const MAX_REASON = 512
/** Type and stream at the beginning of each frame, in bytes. */
export const HEAD = 5
/** Payload of one `data` frame at most, in bytes: small enough that many streams take turns, large enough to be cheap. */
export const MAX_DATA = 64 * 1024
/** Payload of one `control` frame at most, in bytes. */
export const MAX_CONTROL = 16 * 1024
/** The longest message that either side accepts, in bytes. */
export const MAX_MESSAGE = HEAD + MAX_DATA
/** What a side may send on a new stream before the other has granted more, in bytes. */
export const INITIAL_WINDOW = 192 * 1024

const TYPE = { control: 0, open: 1, opened: 2, data: 3, window: 4, close: 5, error: 6, ping: 7 } as const

/** What an agent is asked to connect to. */
export type TunnelTarget =
  /** a TCP service, as the agent reaches it; host is a name or an address without brackets */
  | { kind: 'tcp'; host: string; port: number }
  /** what the agent has published under this name */
  | { kind: 'app'; name: string }

/** Why a stream ended other than by both sides having closed it. */
export const TUNNEL_ERRORS = {
  /** the target refused, or was not to be reached */
  unreachable: 1,
  /** the target is not on the agent's allow-list */
  forbidden: 2,
  /** the target did not answer in time */
  timeout: 3,
  /** the connection behind the stream was reset */
  reset: 4,
  /** a limit of this side */
  limit: 5,
  /** the peer sent more than its window, or a frame that the stream's state does not allow */
  protocol: 6,
} as const

export type TunnelErrorName = keyof typeof TUNNEL_ERRORS

export type Frame =
  /** a JSON object about the connection as a whole; stream 0 */
  | { type: 'control'; stream: 0; text: string }
  /** @param client address of whom the stream is for, for the agent's log */
  | { type: 'open'; stream: number; target: TunnelTarget; client: string }
  | { type: 'opened'; stream: number }
  | { type: 'data'; stream: number; bytes: Buffer }
  /** the receiver has used up this many bytes: so many more may be sent */
  | { type: 'window'; stream: number; bytes: number }
  /** the sender will send no more data on this stream; it still receives */
  | { type: 'close'; stream: number }
  /** the stream is over in both directions */
  | { type: 'error'; stream: number; error: TunnelErrorName; reason: string }
  /** stream 0; the answer carries the same token */
  | { type: 'ping'; stream: 0; answer: boolean; token: number }

/** The peer does not speak the protocol: its connection has to be ended. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame'
}

const NAMES = Object.keys(TYPE) as (keyof typeof TYPE)[]
const ERROR_NAMES = new Map(Object.entries(TUNNEL_ERRORS).map(([name, code]) => [code as number, name]))
const KIND = { tcp: 1, app: 2 } as const

/** @throws RangeError for a field that does not fit, which is a mistake of the caller */
export function encodeFrame(frame: Frame): Buffer {
  const payload = encodePayload(frame)
  const message = Buffer.allocUnsafe(HEAD + payload.length)
  message[0] = TYPE[frame.type]
  message.writeUInt32BE(frame.stream, 1)
  payload.copy(message, HEAD)
  return message
}

/** As `encodeFrame` of a `data` frame, in a buffer that is at hand, of bytes that are in pieces. */
export function dataMessage(buffer: Buffer, stream: number, pieces: readonly Buffer[]): Buffer {
  buffer[0] = TYPE.data
  buffer.writeUInt32BE(stream, 1)
  let end = HEAD
  for (const piece of pieces) {
    buffer.set(piece, end)
    end += piece.length
  }
  return buffer.subarray(0, end)
}

/** @throws MalformedFrame for whatever the protocol does not allow */
export function decodeFrame(message: Buffer): Frame {
  if (message.length < HEAD) throw new MalformedFrame(`a message of ${message.length} bytes`)
  const type = NAMES[message[0]!]
  const stream = message.readUInt32BE(1)
  const payload = message.subarray(HEAD)
  if (type === undefined) throw new MalformedFrame(`unknown frame type ${message[0]}`)
  if (type === 'control' || type === 'ping') {
    if (stream !== 0) throw new MalformedFrame(`a ${type} frame on stream ${stream}`)
    return type === 'control' ? decodeControl(payload) : decodePing(payload)
  }
  if (stream === 0) throw new MalformedFrame(`a ${type} frame on stream 0`)
  return decodeStreamFrame(type, stream, payload)
}

function encodePayload(frame: Frame): Buffer {
  switch (frame.type) {
    case 'control':
      return Buffer.from(frame.text)
    case 'open':
      return encodeOpen(frame.target, frame.client)
    case 'data':
      return frame.bytes
    case 'window':
      return uint32(frame.bytes)
    case 'error':
      return Buffer.concat([Buffer.of(TUNNEL_ERRORS[frame.error]), Buffer.from(frame.reason).subarray(0, MAX_REASON)])
    case 'ping':
      return Buffer.concat([Buffer.of(frame.answer ? 1 : 0), uint32(frame.token)])
    default:
      return Buffer.alloc(0)
  }
}

/** `kind (1) · port (2) · length of name (1) · name · client` */
function encodeOpen(target: TunnelTarget, client: string): Buffer {
  const name = Buffer.from(target.kind === 'tcp' ? target.host : target.name)
  if (name.length === 0 || name.length > 255) throw new RangeError('a name of a target has 1 to 255 bytes')
  const head = Buffer.alloc(4)
  head[0] = KIND[target.kind]
  head.writeUInt16BE(target.kind === 'tcp' ? target.port : 0, 1)
  head[3] = name.length
  return Buffer.concat([head, name, Buffer.from(client).subarray(0, 255)])
}

function decodeStreamFrame(type: Exclude<Frame['type'], 'control' | 'ping'>, stream: number, payload: Buffer): Frame {
  switch (type) {
    case 'open':
      return { type, stream, ...decodeOpen(payload) }
    case 'data':
      if (payload.length === 0 || payload.length > MAX_DATA) throw new MalformedFrame(`${payload.length} bytes of data`)
      return { type, stream, bytes: payload }
    case 'window':
      return { type, stream, bytes: decodeWindow(payload) }
    case 'error':
      return { type, stream, ...decodeError(payload) }
    default:
      if (payload.length > 0) throw new MalformedFrame(`a ${type} frame with a payload`)
      return { type, stream }
  }
}

function decodeOpen(payload: Buffer): { target: TunnelTarget; client: string } {
  const length = payload[3] ?? 0
  const end = 4 + length
  if (length === 0 || payload.length < end || payload.length > end + 255)
    throw new MalformedFrame('an open frame cut short')
  const name = utf8(payload.subarray(4, end))
  const client = utf8(payload.subarray(end))
  const port = payload.readUInt16BE(1)
  if (payload[0] === KIND.app && port === 0) return { target: { kind: 'app', name }, client }
  if (payload[0] === KIND.tcp && port > 0) return { target: { kind: 'tcp', host: name, port }, client }
  throw new MalformedFrame(`a target of kind ${payload[0]} at port ${port}`)
}

function decodeWindow(payload: Buffer): number {
  if (payload.length !== 4) throw new MalformedFrame(`a window frame of ${payload.length} bytes`)
  const bytes = payload.readUInt32BE(0)
  if (bytes === 0 || bytes > INITIAL_WINDOW) throw new MalformedFrame(`a window of ${bytes} bytes`)
  return bytes
}

function decodeError(payload: Buffer): { error: TunnelErrorName; reason: string } {
  const error = ERROR_NAMES.get(payload[0] ?? 0)
  if (error === undefined || payload.length > 1 + MAX_REASON) throw new MalformedFrame(`an error of code ${payload[0]}`)
  return { error: error as TunnelErrorName, reason: payload.subarray(1).toString() }
}

function decodeControl(payload: Buffer): Frame {
  if (payload.length > MAX_CONTROL) throw new MalformedFrame(`a control frame of ${payload.length} bytes`)
  return { type: 'control', stream: 0, text: utf8(payload) }
}

function decodePing(payload: Buffer): Frame {
  if (payload.length !== 5 || payload[0]! > 1) throw new MalformedFrame('a ping frame that is none')
  return { type: 'ping', stream: 0, answer: payload[0] === 1, token: payload.readUInt32BE(1) }
}

const STRICT = new TextDecoder('utf-8', { fatal: true })

function utf8(bytes: Buffer): string {
  try {
    return STRICT.decode(bytes)
  } catch {
    throw new MalformedFrame('text that is not UTF-8')
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
