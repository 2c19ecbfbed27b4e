import { once } from 'node:events'
import type { ClientHttp2Stream } from 'node:http2'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { acceptOf } from '../../src/main/engine/gateway/websocket-handshake.js'
import type { TestGateway } from './gateway.js'
import { RawClient } from './raw-client.js'
import { within } from './wait.js'
import { extendedConnect } from './websocket.js'

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

export interface TunnelUpstream {
  readonly port: number
  readonly url: string
  /** every connection so far */
  readonly sockets: Socket[]
  /** the connection that arrives, or has arrived, next */
  next(): Promise<Socket>
  close(): Promise<void>
}

/**
 * A TCP server that accepts WebSocket handshakes and leaves what follows to the test.
 *
 * @param onHandshake answers the handshake; by default with a 101
 */
export async function startTunnelUpstream(
  onHandshake: (socket: Socket, key: string) => void = (socket, key) => socket.write(switching(key)),
): Promise<TunnelUpstream> {
  const sockets: Socket[] = []
  let taken = 0
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    let head = ''
    const onData = (chunk: Buffer) => {
      head += chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      socket.off('data', onData)
      socket.pause()
      const rest = head.slice(end + 4)
      if (rest !== '') socket.unshift(Buffer.from(rest, 'latin1'))
      onHandshake(socket, /^sec-websocket-key: (.*)$/im.exec(head)?.[1]?.trim() ?? '')
      sockets.push(socket)
      server.emit('handshake')
    }
    socket.on('data', onData)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    sockets,
    next: async () => {
      if (taken === sockets.length) await within(once(server, 'handshake'), 'a handshake at the upstream')
      return sockets[taken++] as Socket
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

export function switching(key: string): string {
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`
}

/** A client's end of an open tunnel, as bytes. */
export interface RawTunnel {
  readonly bytes: Duplex
  /** breaks off as a client does that is no longer there */
  vanish(): void
}

/** The handshake's bytes over HTTP/1.1. */
export function handshakeBytes(gateway: TestGateway, path = '/'): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: app.localhost:${gateway.httpsPort}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`
  )
}

/** Sends a handshake without waiting for its answer. */
export async function knock(door: string, gateway: TestGateway, path = '/', early = ''): Promise<RawTunnel> {
  if (door === 'HTTP/2') {
    const stream = await extendedConnect(gateway, path)
    stream.on('error', () => {})
    if (early !== '') stream.write(Buffer.from(early, 'latin1'))
    return { bytes: stream, vanish: () => stream.close(8) }
  }
  const { socket } = await RawClient.connect(gateway)
  socket.removeAllListeners('data')
  socket.pause()
  socket.write(handshakeBytes(gateway, path) + early, 'latin1')
  return { bytes: socket, vanish: () => socket.destroy() }
}

/** Opens a tunnel; what the backend sent right behind its acceptance is still to be read. */
export async function openTunnel(door: string, gateway: TestGateway, path = '/', early = ''): Promise<RawTunnel> {
  const tunnel = await knock(door, gateway, path, early)
  if (door === 'HTTP/2') {
    const [headers] = await within(once(tunnel.bytes as ClientHttp2Stream, 'response'), 'an answer')
    if (headers[':status'] !== 200) throw new Error(`the handshake was answered with ${headers[':status']}`)
    tunnel.bytes.pause()
    return tunnel
  }
  await within(skipHead(tunnel.bytes), 'a 101')
  return tunnel
}

function skipHead(socket: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      socket.off('data', onData)
      socket.pause()
      if (!head.toString('latin1').startsWith('HTTP/1.1 101 ')) reject(new Error(head.toString('latin1')))
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4))
      resolve()
    }
    socket.on('data', onData)
    socket.resume()
  })
}

/** Reads bytes as text until they are as expected. */
export async function receive(stream: Duplex, expected: string, deadlineMs = 5_000): Promise<void> {
  let text = ''
  const onData = (chunk: Buffer) => {
    text += chunk.toString('latin1')
  }
  stream.on('data', onData)
  stream.resume()
  const end = performance.now() + deadlineMs
  while (text.length < expected.length && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 5))
  stream.off('data', onData)
  stream.pause()
  if (text !== expected) throw new Error(`expected ${JSON.stringify(expected)}, received ${JSON.stringify(text)}`)
}

/** Waits for the end of the other side's half. */
export async function ended(stream: Duplex, deadlineMs = 5_000): Promise<void> {
  stream.resume()
  if (!stream.readableEnded) await within(once(stream, 'end'), 'the end of a half', deadlineMs)
}

/** Waits until nothing is left of a stream. */
export async function gone(stream: Duplex, deadlineMs = 5_000): Promise<void> {
  stream.resume()
  if (!stream.closed)
    await within(new Promise((resolve) => stream.once('close', resolve)), 'the close of a stream', deadlineMs)
}
