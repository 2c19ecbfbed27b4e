import net from 'node:net'

/** Below every system's range for outgoing connections, so that none of those takes a port between two starts. */
const FIRST_PORT = 4_100
const LAST_PORT = 4_999
const PORTS = LAST_PORT - FIRST_PORT + 1
/** What others listen on when nobody tells them: Angular, Astro, Portico itself, Selenium, Sinatra, Verdaccio. */
const OTHERS_DEFAULTS: ReadonlySet<number> = new Set([4200, 4321, 4443, 4444, 4567, 4873])
const LOOPBACKS = ['127.0.0.1', '::1'] as const

/**
 * The port that an app begins to look at, the same in each run: people keep it in bookmarks and in tools.
 *
 * @param folder of its config: two gateways on a machine, each with its "shop", would both find the same port free and give
 *   it to processes that take a while to listen
 */
export function preferredPort(app: string, folder = ''): number {
  let hash = 0x811c9dc5 // FNV-1a
  for (const byte of Buffer.from(`${folder}\n${app}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return FIRST_PORT + (hash % PORTS)
}

/**
 * A port on which nobody listens, neither on 127.0.0.1 nor on ::1.
 *
 * @param preferred taken when it is free; otherwise the next free one of 4100 to 4999, or one that the system chooses
 * @param isTaken true for ports that others were given and do not listen on yet. It is asked again once a port has been
 *   found free, with nothing in between, so two leases at once do not get the same
 * @throws Error when there is none
 */
export async function leasePort(
  preferred: number | null,
  isTaken: (port: number) => boolean = () => false,
): Promise<number> {
  for (const port of candidates(preferred)) {
    if (isTaken(port)) continue
    if ((await isFree(port)) && !isTaken(port)) return port
  }
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await chosenBySystem()
    if (!isTaken(port) && (await isFree(port)) && !isTaken(port)) return port
  }
  throw new Error('no free port was found on 127.0.0.1 and ::1')
}

function* candidates(preferred: number | null): Generator<number> {
  if (preferred !== null) yield preferred
  const start = preferred !== null && preferred >= FIRST_PORT && preferred <= LAST_PORT ? preferred : FIRST_PORT
  for (let step = 0; step < PORTS; step++) {
    const port = FIRST_PORT + ((start - FIRST_PORT + step) % PORTS)
    if (port !== preferred && !OTHERS_DEFAULTS.has(port)) yield port
  }
}

/** True when nobody accepts there and it can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of LOOPBACKS) {
    // Where a listener on all addresses does not keep one from listening on a single one, only asking finds it.
    if (await accepts(host, port)) return false
    if (!(await canListen(host, port))) return false
  }
  return true
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => settle(true)) // somebody's queue is full
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no ::1 that could be taken.
      resolve(host === '::1' && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function chosenBySystem(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
}
