import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'

/** What an exchange is doing when its client vanishes; each phase has an upstream path of its own. */
export const PHASES = [
  'awaiting-response',
  'silent-stream',
  'reading-download',
  'stalled-download',
  'uploading',
  'stalled-upload',
  'pipelined',
] as const
export type Phase = (typeof PHASES)[number]

export interface GatewayAddress {
  port: number
  ca: string
  host: string
}

/** A client in the middle of a request, and the ways it may go. */
export interface PhaseClient {
  /** closes the socket (FIN, or RST when data was left unread) */
  destroy(): void
  /** resets the TCP connection */
  reset(): void
  /** cancels the HTTP/2 stream and keeps the connection; undefined on HTTP/1.1 */
  cancel?: () => void
}

/** Opens a connection of its own and brings one exchange into the phase. Needs nothing but Node: a bare child runs it, too. */
export function enterPhase(protocol: 'h1' | 'h2', phase: Phase, gateway: GatewayAddress): Promise<PhaseClient> {
  return protocol === 'h1' ? enterH1(phase, gateway) : enterH2(phase, gateway)
}

/** Less than the gateway takes in before a backend does. */
const UPLOAD_PART = Buffer.alloc(64 * 1024, 'u')

async function enterH1(phase: Phase, gateway: GatewayAddress): Promise<PhaseClient> {
  const { raw, secure } = await connectTls(gateway, 'http/1.1')
  const head = (method: string, path: string, rest = '') =>
    `${method} ${path} HTTP/1.1\r\nHost: ${gateway.host}\r\n${rest}\r\n`
  const isUpload = phase === 'uploading' || phase === 'stalled-upload'
  if (isUpload) {
    secure.write(head('POST', `/${phase}`, 'Content-Length: 100000000\r\n'))
    if (phase === 'uploading') secure.write(UPLOAD_PART)
    else writeForever(secure)
  } else if (phase === 'pipelined') {
    secure.write([1, 2, 3, 4].map((n) => head('GET', `/pipelined?${n}`)).join(''))
  } else secure.write(head('GET', `/${phase}`))
  if (phase !== 'stalled-download') secure.resume()
  return { destroy: () => secure.destroy(), reset: () => raw.resetAndDestroy() }
}

async function enterH2(phase: Phase, gateway: GatewayAddress): Promise<PhaseClient> {
  const { raw, secure } = await connectTls(gateway, 'h2')
  const session = http2.connect(`https://${gateway.host}`, { createConnection: () => secure })
  session.on('error', () => {})
  const isUpload = phase === 'uploading' || phase === 'stalled-upload'
  const paths = phase === 'pipelined' ? [1, 2, 3, 4].map((n) => `/pipelined?${n}`) : [`/${phase}`]
  const streams = paths.map((path) =>
    session.request({ ':path': path, ':method': isUpload ? 'POST' : 'GET' }, { endStream: !isUpload }),
  )
  for (const stream of streams) {
    stream.on('error', () => {})
    if (phase !== 'stalled-download') stream.resume()
    if (phase === 'uploading') stream.write(UPLOAD_PART)
    if (phase === 'stalled-upload') writeForever(stream)
  }
  return {
    destroy: () => secure.destroy(),
    reset: () => raw.resetAndDestroy(),
    cancel: () => {
      for (const stream of streams) stream.close(http2.constants.NGHTTP2_CANCEL)
    },
  }
}

async function connectTls(
  { port, ca, host }: GatewayAddress,
  protocol: string,
): Promise<{ raw: net.Socket; secure: tls.TLSSocket }> {
  const raw = net.connect(port, '127.0.0.1')
  raw.on('error', () => {})
  await once(raw, 'connect')
  const secure = tls.connect({ socket: raw, ca, servername: host, ALPNProtocols: [protocol] })
  await once(secure, 'secureConnect')
  secure.on('error', () => {})
  return { raw, secure }
}

function writeForever(stream: NodeJS.WritableStream): void {
  const fill = () => {
    while (stream.writable && stream.write(UPLOAD_PART));
  }
  stream.on('drain', fill)
  fill()
}
