import net from 'node:net'

/** On one machine a connection takes no time. */
const PATIENCE_MS = 500

/**
 * Whether a connection of this machine to a port arrives at a listener of this process. It says nothing and is closed
 * at once, so that another server at that port is not bothered.
 *
 * @param address that the listener has
 * @param watch is given what is to be told the port of each peer that arrives, and null at the end
 */
export async function arrivesHere(
  address: string,
  port: number,
  watch: (heard: ((peerPort: number) => void) | null) => void,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const peers = new Set<number>()
  const socket = net.connect({ host: REACHED[address] ?? address, port })
  // Either end may hear of the connection first.
  const compare = () => {
    if (socket.localPort !== undefined && peers.has(socket.localPort)) resolve(true)
  }
  watch((peerPort) => {
    peers.add(peerPort)
    compare()
  })
  const timer = setTimeout(() => resolve(false), PATIENCE_MS)
  socket.on('connect', compare)
  socket.on('error', () => resolve(false))
  socket.on('close', () => resolve(false))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    watch(null)
    socket.destroy()
  }
}

/** Who listens everywhere is reached at loopback. */
const REACHED: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
