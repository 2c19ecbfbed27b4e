import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { INITIAL_WINDOW } from '../../../../src/main/engine/tunnel/frames.js'
import { SPLICED, splice } from '../../../../src/main/engine/tunnel/splice.js'
import type { TunnelStream } from '../../../../src/main/engine/tunnel/tunnel-stream.js'
import { tunnelPair } from '../../../support/tunnel-pair.js'
import { until, within } from '../../../support/wait.js'

const KIB = 1024
const MIB = 1024 * KIB
const AT_MOST = 256 * KIB

/** Both ends of a TCP connection; the second is one that the tunnel has. */
async function connection(): Promise<[Socket, Socket]> {
  const server = net.createServer(SPLICED)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const accepted = once(server, 'connection')
  const outer = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[inner]] = await within(Promise.all([accepted, once(outer, 'connect')]), 'a connection')
  server.close()
  onTestFinished(() => {
    for (const socket of [outer, inner as Socket]) socket.destroy()
  })
  outer.on('error', () => {})
  return [outer, inner as Socket]
}

/** What came from the peer and has not been given to the system. */
function heldFor(socket: Socket, stream: TunnelStream): number {
  return stream.bytesIn - (socket.bytesWritten - socket.writableLength)
}

/** A user and a service, joined through the tunnel. */
async function joined() {
  let service: TunnelStream | undefined
  const pair = await tunnelPair({
    agent: {
      open: (stream) => {
        service = stream
        pair.agent.accept(stream)
      },
    },
  })
  const user = pair.relay.open({ kind: 'tcp', host: 'a', port: 1 }, '', () => {})
  await until(() => service !== undefined, 'the agent is asked')
  return { user, service: service as TunnelStream }
}

/** The system takes some megabytes; then the window is used up, and no more comes. */
async function halt(stream: TunnelStream, socket: Socket): Promise<void> {
  let [last, same] = [0, 0]
  const still = () => {
    same = last === stream.bytesIn ? same + 1 : 0
    last = stream.bytesIn
    return same > 10 && heldFor(socket, stream) > INITIAL_WINDOW / 2
  }
  await until(still, () => `a halt: ${heldFor(socket, stream)} bytes are held`, 20_000)
}

/** Writes without end, as fast as it is taken. */
function flood(to: Duplex, size: number): void {
  const more = () => {
    while (!to.destroyed && to.write(Buffer.alloc(size)));
  }
  to.on('drain', more)
  more()
}

test('for one who takes nothing each end holds 256 KiB at most', async () => {
  const { user, service } = await joined()
  const [reader, userSocket] = await connection()
  const [writer, serviceSocket] = await connection()
  let [atReceiver, atSender] = [0, 0]
  const note = () => {
    atReceiver = Math.max(atReceiver, heldFor(userSocket, user))
    atSender = Math.max(atSender, serviceSocket.bytesRead - service.bytesOut)
  }
  serviceSocket.on('data', note)
  user.on('data', note)
  splice(userSocket, user, () => {})
  splice(serviceSocket, service, () => {})
  reader.pause()
  flood(writer, 64 * KIB)
  await halt(user, userSocket)
  note()
  const before = user.bytesIn
  reader.resume()
  await until(() => user.bytesIn > before + 4 * MIB, 'it goes on')
  expect(atReceiver).toBeLessThanOrEqual(AT_MOST)
  expect(atSender).toBeLessThanOrEqual(AT_MOST)
})

test.each([100, 40_000, 65_535, 65_536])('nor does it hold more in frames of %i bytes', async (size) => {
  const { user, service } = await joined()
  const [reader, userSocket] = await connection()
  splice(userSocket, user, () => {})
  reader.pause()
  flood(service, size)
  await halt(user, userSocket)
  expect(heldFor(userSocket, user)).toBeLessThanOrEqual(AT_MOST)
})
