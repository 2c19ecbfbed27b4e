import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2'
import { type ClientRequest, type ClientResponse, response } from './client.js'
import type { Reachable } from './gateway.js'
import { pairs } from './upstream.js'

/** A session over TLS with ALPN h2. @param sni server name of the ClientHello; @param anyName whatever the certificate says */
export async function connectH2(
  gateway: Reachable,
  sni = 'app.localhost',
  anyName = false,
): Promise<ClientHttp2Session> {
  const session = http2.connect(`https://${sni}:${gateway.httpsPort}`, {
    ca: gateway.ca,
    ...(anyName ? { checkServerIdentity: () => undefined } : {}),
    settings: { maxHeaderListSize: 256 * 1024 },
    maxHeaderListPairs: 2_000,
    lookup: ((_name: string, options: { all?: boolean }, callback: (...args: unknown[]) => void) =>
      options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)) as never,
    servername: sni,
  })
  session.on('error', () => {})
  await new Promise<void>((resolve, reject) => {
    session.once('connect', () => resolve())
    session.once('error', reject)
  })
  return session
}

/** One request on a session; resolves when the stream has closed. */
export function requestH2(
  session: ClientHttp2Session,
  gateway: Reachable,
  request: ClientRequest = {},
): Promise<ClientResponse> {
  const { host = 'app.localhost', method = 'GET', path = '/', headers = [], body, chunked = false, signal } = request
  const stream = session.request(
    [
      ':method',
      method,
      ':scheme',
      'https',
      ':authority',
      `${host}:${gateway.httpsPort}`,
      ':path',
      path,
      ...(body === undefined || chunked ? [] : ['content-length', String(Buffer.byteLength(body))]),
      ...headers.flat(),
    ] as unknown as OutgoingHttpHeaders,
    { endStream: body === undefined, ...(signal === undefined ? {} : { signal }) },
  )
  if (body !== undefined) stream.end(body)
  return readStream(stream)
}

/** Reads a stream to its close; rejects when it closed without an answer. */
export function readStream(stream: ClientHttp2Stream): Promise<ClientResponse> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const interim: ClientResponse['interim'] = []
    let head: { status: number; fields: [string, string][] } | null = null
    let trailers: [string, string][] = []
    let failure: Error | null = null
    stream.on('headers', (fields, _flags, raw) =>
      interim.push({ status: Number(fields[':status']), fields: plain(raw) }),
    )
    stream.on('response', (fields, _flags, raw) => {
      head = { status: Number(fields[':status']), fields: plain(raw) }
    })
    stream.on('trailers', (_fields, _flags, raw) => {
      trailers = plain(raw)
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      // Told to stop sending, without blame (RFC 9113 section 8.1): Node leaves such a stream to whoever writes to it.
      if (stream.closed && stream.rstCode === 0 && !stream.writableFinished) stream.destroy()
    })
    stream.on('error', (error) => {
      failure = error
    })
    stream.on('close', () => {
      if (head === null) {
        reject(failure ?? new Error(`the stream closed without an answer (code ${stream.rstCode})`))
        return
      }
      const broken = stream.rstCode !== 0 || !stream.readableEnded
      resolve(response({ ...head, body: Buffer.concat(chunks), trailers, interim, broken }))
    })
    stream.resume()
  })
}

function plain(raw: unknown): [string, string][] {
  return pairs(raw as string[]).filter(([name]) => !name.startsWith(':'))
}
