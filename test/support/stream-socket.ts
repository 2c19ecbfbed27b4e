import type { OutgoingHttpHeaders } from 'node:http'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import { acceptOf } from '../../src/main/engine/gateway/websocket-handshake.js'

/**
 * A socket for the `ws` client whose bytes travel on an HTTP/2 stream: its HTTP/1.1 handshake is sent as an extended
 * CONNECT (RFC 8441), and answered with the 101 that HTTP/2 has no need of.
 */
export class StreamSocket extends Duplex {
  stream: ClientHttp2Stream | null = null
  #head = ''

  constructor(
    readonly session: ClientHttp2Session,
    readonly port: number,
    readonly host = 'app.localhost',
  ) {
    super({ allowHalfOpen: true })
  }

  override _read(): void {
    this.stream?.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (this.stream !== null) {
      if (this.stream.write(chunk)) callback()
      else this.stream.once('drain', callback)
      return
    }
    this.#head += chunk.toString('latin1')
    if (this.#head.endsWith('\r\n\r\n')) this.#open(this.#head)
    callback()
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.stream?.end(() => callback())
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.stream?.destroy()
    callback(error)
  }

  setTimeout(): this {
    return this
  }
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  destroySoon(): void {
    this.end()
  }

  #open(head: string): void {
    const [request = '', ...lines] = head.trimEnd().split('\r\n')
    const fields = lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ])
    const key = fields.find(([name]) => name === 'sec-websocket-key')?.[1] ?? ''
    const hop = ['host', 'connection', 'upgrade', 'sec-websocket-key']
    const stream = this.session.request(
      [
        ...[':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'https'],
        ...[':authority', `${this.host}:${this.port}`, ':path', request.split(' ')[1] ?? '/'],
        ...fields.filter(([name]) => !hop.includes(name as string)).flat(),
      ] as unknown as OutgoingHttpHeaders,
      { endStream: false },
    )
    this.stream = stream
    stream.on('response', (headers) => {
      const answer = [
        `HTTP/1.1 101 Switching Protocols`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${acceptOf(key)}`,
      ]
      if (headers[':status'] !== 200) answer[0] = `HTTP/1.1 ${headers[':status']} Refused`
      for (const [name, value] of Object.entries(headers)) if (!name.startsWith(':')) answer.push(`${name}: ${value}`)
      this.push(`${answer.join('\r\n')}\r\n\r\n`)
    })
    stream.on('data', (chunk) => {
      if (!this.push(chunk)) stream.pause()
    })
    stream.on('end', () => this.push(null))
    stream.on('error', (error) => this.destroy(error))
    stream.on('close', () => this.destroy())
  }
}
