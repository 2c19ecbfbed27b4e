import { once } from 'node:events'
import tls from 'node:tls'
import type { Reachable } from '../gateway.js'
import { FLAG, frame, PREFACE, settings, TYPE } from '../h2-wire.js'

export * from '../h2-wire.js'

/** A TLS connection that speaks HTTP/2 frames by hand: it counts what comes back and answers nothing by itself. */
export class FrameClient {
  /** frames received, by type */
  readonly received: number[] = []
  goawayCode: number | null = null
  #pending = Buffer.alloc(0)

  private constructor(readonly socket: tls.TLSSocket) {
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#read(chunk))
  }

  /** Connects, and sends the preface with the given settings. */
  static async connect(gateway: Reachable, first: Buffer = settings(), host = 'app.localhost'): Promise<FrameClient> {
    const socket = tls.connect({
      port: gateway.httpsPort,
      host: '127.0.0.1',
      ca: gateway.ca,
      servername: host,
      ALPNProtocols: ['h2'],
    })
    await once(socket, 'secureConnect')
    const client = new FrameClient(socket)
    client.send(Buffer.concat([PREFACE, first, frame(TYPE.SETTINGS, FLAG.ACK, 0)]))
    return client
  }

  get closed(): boolean {
    return this.socket.destroyed || this.socket.readableEnded
  }

  count(type: number): number {
    return this.received[type] ?? 0
  }

  send(bytes: Buffer): boolean {
    return this.socket.writable && this.socket.write(bytes)
  }

  /**
   * Sends batches until the gateway ends the connection, or `most` have been sent. Waits for the socket to drain, as an
   * attacker limited by the network would.
   *
   * @returns how many batches were sent
   */
  async flood(batch: (round: number) => Buffer, most: number): Promise<number> {
    for (let round = 0; round < most; round++) {
      if (this.closed || !this.socket.writable) return round
      if (this.send(batch(round))) await new Promise((resolve) => setImmediate(resolve))
      else await this.#drained()
    }
    return most
  }

  destroy(): void {
    this.socket.destroy()
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => this.socket.once('drain', resolve).once('close', resolve))
  }

  #read(chunk: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    while (this.#pending.length >= 9) {
      const length = this.#pending.readUIntBE(0, 3)
      if (this.#pending.length < 9 + length) return
      const type = this.#pending.readUInt8(3)
      this.received[type] = this.count(type) + 1
      if (type === TYPE.GOAWAY) this.goawayCode = this.#pending.readUInt32BE(9 + 4)
      this.#pending = this.#pending.subarray(9 + length)
    }
  }
}
