import type { ClientHttp2Session } from 'node:http2'
import https from 'node:https'
import type { Reachable } from './gateway.js'
import { connectH2, requestH2 } from './h2-client.js'
import { pairs } from './upstream.js'

export interface ClientRequest {
  host?: string
  method?: string
  path?: string
  headers?: [string, string][]
  body?: Buffer | string
  /** send the body without Content-Length */
  chunked?: boolean
  signal?: AbortSignal
  /** do not ask whether the certificate is for the host */
  anyName?: boolean
}

export interface ClientResponse {
  status: number
  fields: [string, string][]
  body: Buffer
  text: string
  trailers: [string, string][]
  interim: { status: number; fields: [string, string][] }[]
  /** the stream broke off before its end */
  broken: boolean
  values(name: string): string[]
}

export interface ProtocolClient {
  name: 'HTTP/1.1' | 'HTTP/2'
  /** Sends one request on a connection of its own and reads the answer to its end or to where it broke off. */
  request(gateway: Reachable, request?: ClientRequest): Promise<ClientResponse>
}

export const HTTP1: ProtocolClient = { name: 'HTTP/1.1', request: requestH1 }
export const HTTP2: ProtocolClient = {
  name: 'HTTP/2',
  request: async (gateway, request = {}) => {
    const session: ClientHttp2Session = await connectH2(gateway, request.host ?? 'app.localhost', request.anyName)
    try {
      return await requestH2(session, gateway, request)
    } finally {
      session.destroy()
    }
  },
}
export const PROTOCOLS: ProtocolClient[] = [HTTP1, HTTP2]

export function response(parts: Omit<ClientResponse, 'values' | 'text'>): ClientResponse {
  return {
    ...parts,
    text: parts.body.toString(),
    values: (name) => parts.fields.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value),
  }
}

function requestH1(gateway: Reachable, request: ClientRequest = {}): Promise<ClientResponse> {
  const { host = 'app.localhost', method = 'GET', path = '/', headers = [], body, chunked = false, signal } = request
  const port = gateway.httpsPort
  const own: [string, string][] = headers.some(([name]) => name.toLowerCase() === 'host')
    ? []
    : [['Host', `${host}:${port}`]]
  if (body !== undefined)
    own.push(chunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(Buffer.byteLength(body))])
  return new Promise((resolve, reject) => {
    const interim: ClientResponse['interim'] = []
    const outgoing = https.request({
      host: '127.0.0.1',
      port,
      servername: host,
      ca: gateway.ca,
      ...(request.anyName === true ? { checkServerIdentity: () => undefined } : {}),
      agent: false,
      method,
      path,
      setHost: false,
      headers: [...own, ...headers].flat() as never,
      ...(signal === undefined ? {} : { signal }),
    })
    outgoing.on('information', (info) =>
      interim.push({ status: info.statusCode, fields: pairs(info.rawHeaders as unknown as string[]) }),
    )
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', () => {})
      incoming.on('close', () => {
        resolve(
          response({
            status: incoming.statusCode ?? 0,
            fields: pairs(incoming.rawHeaders),
            body: Buffer.concat(chunks),
            trailers: pairs(incoming.rawTrailers),
            interim,
            broken: !incoming.complete,
          }),
        )
      })
    })
    outgoing.end(body)
  })
}
