import { onTestFinished } from 'vitest'
import { startGateway, type TestConfig, type TestGateway } from './gateway.js'
import { readStream } from './h2-client.js'
import { RawClient } from './raw-client.js'
import { type RawUpstream, startRawUpstream } from './raw-upstream.js'
import { endSession, extendedConnect, type SocketUpstream, startSocketUpstream } from './websocket.js'

/** Sec-WebSocket-Key of RFC 6455 section 1.3 */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A gateway that stops with the test. */
export async function gatewayFor(config: TestConfig): Promise<TestGateway> {
  const gateway = await startGateway(config)
  onTestFinished(async () => {
    await endSession(gateway)
    await gateway.stop()
  })
  return gateway
}

/** A WebSocket server that closes with the test. */
export async function socketUpstream(...args: Parameters<typeof startSocketUpstream>): Promise<SocketUpstream> {
  const upstream = await startSocketUpstream(...args)
  onTestFinished(() => upstream.close())
  return upstream
}

/** A scripted TCP server that closes with the test. */
export async function rawUpstream(...args: Parameters<typeof startRawUpstream>): Promise<RawUpstream> {
  const upstream = await startRawUpstream(...args)
  onTestFinished(() => upstream.close())
  return upstream
}

export interface Answer {
  status: number
  body: string
  field(name: string): string | undefined
}

/** A handshake over either protocol that is expected to be refused. */
export async function refused(door: string, gateway: TestGateway, target = '/', fields = ''): Promise<Answer> {
  const lines = fields.split('\r\n').filter((line) => line !== '')
  if (door === 'HTTP/2') {
    const pairs = lines.map((line) => line.split(': ') as [string, string])
    const stream = await extendedConnect(gateway, target, [['sec-websocket-version', '13'], ...pairs])
    const { status, body, fields: answer } = await readStream(stream)
    return { status, body: body.toString(), field: (name) => answer.find(([field]) => field === name)?.[1] }
  }
  const client = await RawClient.connect(gateway)
  client.send(handshake(gateway, { target, fields }))
  const text = await client.closed()
  const [head = '', ...rest] = text.split('\r\n\r\n')
  return {
    status: Number(head.split(' ')[1]),
    body: dechunked(head, rest.join('\r\n\r\n')),
    field: (name) => new RegExp(`^${name}: (.*)$`, 'im').exec(head)?.[1]?.trim(),
  }
}

/** The bytes of a handshake over HTTP/1.1, well-formed or not. */
export function handshake(
  gateway: TestGateway,
  { target = '/', fields = '', key = `Sec-WebSocket-Key: ${KEY}\r\n`, version = '13' } = {},
): string {
  return (
    `GET ${target} HTTP/1.1\r\nHost: app.localhost:${gateway.httpsPort}\r\nConnection: keep-alive, Upgrade\r\n` +
    `Upgrade: websocket\r\n${key}Sec-WebSocket-Version: ${version}\r\n${fields}\r\n`
  )
}

function dechunked(head: string, body: string): string {
  if (!/^transfer-encoding: chunked/im.test(head)) return body
  let out = ''
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.slice(at, end), 16)
    if (!(size > 0)) return out
    out += body.slice(end + 2, end + 2 + size)
    at = end + 4 + size
  }
}
