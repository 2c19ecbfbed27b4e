import { createCipheriv, createHash } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

/**
 * Either end of a transfer as a program, for a machine that a test cannot be on itself:
 *
 *     node transfer-peer.ts serve BLOCKS      a service that sends so many to whoever connects; prints its port, and
 *                                             `over CODE` when a connection was cut short
 *     node transfer-peer.ts fetch PORT        prints `begun` after 16 blocks, and at the end `whole BYTES SHA-256`
 *                                             or `over CODE`
 */

/** In bytes. */
export const BLOCK_SIZE = 64 * 1024
const ZEROS = Buffer.alloc(BLOCK_SIZE)
const BEGUN = 16 * BLOCK_SIZE

/** The bytes of a transfer: of no pattern that could hide a mistake, and the same for everybody. */
export function* blocksOf(count: number): Generator<Buffer> {
  const stream = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16))
  for (let at = 0; at < count; at += 1) yield stream.update(ZEROS)
}

export function sumOf(count: number): string {
  const hash = createHash('sha256')
  for (const block of blocksOf(count)) hash.update(block)
  return hash.digest('hex')
}

if (process.argv[1] === import.meta.filename) {
  const [, , mode, number] = process.argv
  if (mode === 'serve') await serve(Number(number))
  else await fetchAll(Number(number))
}

async function serve(count: number): Promise<void> {
  const server = net.createServer(async (socket) => {
    socket.on('error', (error: NodeJS.ErrnoException) => console.log(`over ${error.code}`))
    for (const block of blocksOf(count))
      if (!socket.write(block)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {})
    socket.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  console.log((server.address() as AddressInfo).port)
}

async function fetchAll(port: number): Promise<void> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of net.connect(port, '127.0.0.1') as AsyncIterable<Buffer>) {
      hash.update(chunk)
      if (bytes < BEGUN && bytes + chunk.length >= BEGUN) console.log('begun')
      bytes += chunk.length
    }
    console.log(`whole ${bytes} ${hash.digest('hex')}`)
  } catch (error) {
    console.log(`over ${(error as NodeJS.ErrnoException).code}`)
  }
}
