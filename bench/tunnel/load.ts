import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { LoadInvalid } from '../load/load.ts'
import { percentile } from '../statistics.ts'

const CHUNK = 256 * 1024
const ECHO = Buffer.alloc(100, 1)
const ECHO_PAUSE_MS = 5
const PATIENCE_MS = 10_000
/** Not measured at the beginning of each transfer: windows and buffers grow. */
const SETTLE_MS = 1_000

interface Reader {
  readonly socket: Socket
  bytes: number
}

export interface Transfer {
  /** of all connections together */
  readonly bytesPerSecond: number
  /** what the slowest got less than the fastest, of the fastest's, 0 to 1 */
  readonly spread: number
  /** CPU time for each GB, as far as it was asked for */
  readonly cpuMillisPerGigabyte: number
}

/**
 * Reads from so many connections at once, as fast as it comes. Throws LoadInvalid when one gets nothing.
 *
 * @param cpu what the ends of the tunnel have used so far, in microseconds
 */
export async function transfer(
  port: number,
  connections: number,
  seconds: number,
  cpu: () => Promise<number> = async () => 0,
): Promise<Transfer> {
  return whileReading(port, connections, async (readers) => {
    const cpuBefore = await cpu()
    const before = readers.map(({ bytes }) => bytes)
    const began = performance.now()
    await delay(seconds * 1000)
    const elapsed = (performance.now() - began) / 1000
    const rates = readers.map(({ bytes }, at) => (bytes - (before[at] ?? 0)) / elapsed)
    const cpuMillis = ((await cpu()) - cpuBefore) / 1e3
    const bytesPerSecond = rates.reduce((sum, rate) => sum + rate, 0)
    const cpuMillisPerGigabyte = cpuMillis / ((bytesPerSecond * elapsed) / 1e9)
    const most = Math.max(...rates)
    const least = Math.min(...rates)
    if (least === 0) throw new LoadInvalid(`${rates.filter((rate) => rate === 0).length} transfers got nothing`)
    return { bytesPerSecond, spread: (most - least) / most, cpuMillisPerGigabyte }
  })
}

/** Goes on while `work` does, on connections that are read as fast as possible. */
export async function whileReading<T>(
  port: number,
  connections: number,
  work: (readers: readonly Reader[]) => Promise<T>,
): Promise<T> {
  const readers = Array.from({ length: connections }, () => read(port))
  try {
    await delay(SETTLE_MS)
    return await work(readers)
  } finally {
    for (const { socket } of readers) socket.resetAndDestroy()
    // What is on its way for them is not the next measurement's.
    await delay(SETTLE_MS / 2)
  }
}

/** Sends 100 bytes and waits for them, again and again. @returns milliseconds, sorted */
export async function echoes(port: number, seconds: number): Promise<{ p50Ms: number; p99Ms: number }> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new LoadInvalid('an echo did not come in 10 s')))
  const found: number[] = []
  try {
    await once(socket, 'connect')
    const end = performance.now() + seconds * 1000
    while (performance.now() < end) {
      const began = performance.now()
      socket.write(ECHO)
      for (let got = 0; got < ECHO.length; ) got += ((await once(socket, 'data'))[0] as Buffer).length
      found.push(performance.now() - began)
      await delay(ECHO_PAUSE_MS)
    }
  } finally {
    socket.destroy()
  }
  found.sort((a, b) => a - b)
  return { p50Ms: percentile(found, 50), p99Ms: percentile(found, 99) }
}

function read(port: number): Reader {
  const buffer = Buffer.allocUnsafe(CHUNK)
  const onread = {
    buffer,
    callback: (size: number) => {
      reader.bytes += size
      return true
    },
  }
  const reader: Reader = { socket: net.connect({ port, host: '127.0.0.1', onread }), bytes: 0 }
  // What fails gets nothing, which is seen.
  reader.socket.on('error', () => {})
  return reader
}
