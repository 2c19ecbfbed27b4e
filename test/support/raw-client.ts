import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import type { Reachable } from './gateway.js'
import { until } from './wait.js'

export interface RawClientOptions {
  /** server name of the ClientHello; null for none */
  sni?: string | null
  /** connect without TLS, to this port */
  plainPort?: number
  alpn?: string[]
}

/** A socket to the gateway that speaks whatever bytes it is told to and keeps what comes back. */
export class RawClient {
  /** everything received so far, as latin1 */
  received = ''
  /** how the gateway ended the connection; null while it is open */
  ended: 'clean' | 'reset' | null = null

  private constructor(readonly socket: net.Socket) {
    socket.on('data', (chunk) => {
      this.received += chunk.toString('latin1')
    })
    socket.on('end', () => {
      this.ended ??= 'clean'
    })
    socket.on('error', () => {
      this.ended = 'reset'
    })
    socket.on('close', () => {
      this.ended ??= 'reset'
    })
  }

  static async connect(gateway: Reachable, options: RawClientOptions = {}): Promise<RawClient> {
    const { sni = 'app.localhost', plainPort, alpn = ['http/1.1'] } = options
    const secure: tls.ConnectionOptions & { allowHalfOpen: boolean } = {
      port: gateway.httpsPort,
      host: '127.0.0.1',
      ca: gateway.ca,
      ...(sni === null ? { checkServerIdentity: () => undefined } : { servername: sni }),
      ALPNProtocols: alpn,
      allowHalfOpen: true,
    }
    const socket =
      plainPort === undefined
        ? tls.connect(secure)
        : net.connect({ port: plainPort, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, plainPort === undefined ? 'secureConnect' : 'connect')
    return new RawClient(socket)
  }

  /** Sends bytes; text is latin1. */
  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** Waits until the received text fits, and returns it. */
  async receive(pattern: RegExp | string, deadlineMs = 5_000): Promise<string> {
    const fits = () => (typeof pattern === 'string' ? this.received.includes(pattern) : pattern.test(this.received))
    await until(fits, () => `${pattern} in ${JSON.stringify(this.received.slice(0, 2000))}`, deadlineMs)
    return this.received
  }

  /** Waits until the gateway has closed, and returns all that came before. */
  async closed(deadlineMs = 5_000): Promise<string> {
    await until(
      () => this.ended !== null,
      () => `the gateway closes after ${JSON.stringify(this.received.slice(-500))}`,
      deadlineMs,
    )
    return this.received
  }

  /** Status codes of the responses received, interim ones included, as their status lines come. */
  statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n/g)].map((match) => Number(match[1]))
  }

  destroy(): void {
    this.socket.destroy()
  }
}

/** Sends bytes on a connection of their own and returns the first status code of the answer (0 when there is none). */
export async function statusOfBytes(
  gateway: Reachable,
  bytes: string | Buffer,
  options: RawClientOptions = {},
): Promise<{ status: number; text: string; closed: boolean }> {
  const client = await RawClient.connect(gateway, options)
  try {
    client.send(bytes)
    await until(
      () => client.ended !== null || /^HTTP\/1\.1 [2-5]\d\d [\s\S]*\r\n\r\n/.test(client.received),
      () => `an answer to ${JSON.stringify(bytes.toString().slice(0, 300))}`,
    )
    const match = /^HTTP\/1\.1 (\d{3}) /.exec(client.received)
    const closes = /^connection: close\r$/im.test(client.received)
    if (closes) await client.closed()
    return { status: Number(match?.[1] ?? 0), text: client.received, closed: client.ended !== null }
  } finally {
    client.destroy()
  }
}
