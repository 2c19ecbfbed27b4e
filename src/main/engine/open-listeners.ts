import type { Config } from '../../shared/config.js'
import type { Listener, Problem } from '../../shared/contract.js'
import { Fault } from '../../shared/fault.js'
import { formatAuthority, isLoopbackHost } from '../../shared/hostname.js'
import type { HostFacts, ListenOverrides } from './engine-options.js'

/** What opening needs of the gateway. */
export interface ListenerOpener {
  /** @param through all addresses, where the system forbids the port on one; only this machine is let in then */
  listen(address: string, port: number, protocol: Listener['protocol'], through?: string): Promise<Listener>
  close(which: (listener: Listener) => boolean): Promise<void>
}

/** Where the gateway shall listen. */
export interface ListenPlan {
  bind: string[]
  https: { port: number; fallback: number | null }
  http: { port: number; fallback: number | null }
}

/** All addresses of the machine, in both families. */
const EVERYWHERE = ['0.0.0.0', '::']

/**
 * Settles where to listen; a port named on the command line is meant, and has no fallback.
 *
 * @param lan LAN mode: on all addresses, whatever is named
 */
export function listenPlan(listen: Config['listen'], overrides: ListenOverrides = {}, lan = false): ListenPlan {
  return {
    bind: lan ? EVERYWHERE : (overrides.bind ?? listen.bind),
    https: portPlan(overrides.https, listen.https, listen.fallback[0]),
    http: portPlan(overrides.http, listen.http, listen.fallback[1]),
  }
}

/**
 * Opens the listeners of both protocols, on the fallback ports where the first choice is taken or not permitted.
 *
 * @returns what is not as planned, in plain sentences
 * @throws Fault `port-taken`, `port-forbidden` or `listen-failed` with the remedy; nothing stays open then
 */
export async function openListeners(
  opener: ListenerOpener,
  plan: ListenPlan,
  host: HostFacts | undefined,
): Promise<Problem[]> {
  try {
    const https = await openPort(opener, plan, 'https', host)
    const http = await openPort(opener, plan, 'http', host)
    return [...https, ...http]
  } catch (error) {
    await opener.close(() => true)
    throw error
  }
}

/**
 * As `openListeners`, for a gateway that listens already: what is open and still wanted stays, what is not wanted any
 * more is closed once the rest is open, or just before where both cannot be had at one port (an address, and all
 * addresses). Connections stay. When it fails, everything is as before.
 */
export async function moveListeners(
  listeners: ListenerOpener & { readonly open: Listener[] },
  plan: ListenPlan,
  host: HostFacts | undefined,
): Promise<Problem[]> {
  const before = listeners.open
  const kept = new Set<Listener>()
  const aside: Listener[] = []
  const opener: ListenerOpener = {
    listen: async (address, asked, protocol, through) => {
      const same = before.find(
        (one) => one.address === address && (asked === 0 || one.port === asked) && one.protocol === protocol,
      )
      if (same !== undefined && !aside.includes(same)) {
        kept.add(same)
        return same
      }
      const port = asked === 0 ? formerPort(before, address, protocol) : asked
      const inWay = before.filter((one) => one.port === port && isSameFamily(one.address, address) && port !== 0)
      try {
        return await listeners.listen(address, port, protocol, through)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || inWay.length === 0) throw error
        await listeners.close((listener) => inWay.includes(listener))
        aside.push(...inWay)
        return listeners.listen(address, port, protocol, through)
      }
    },
    close: (which) => listeners.close((listener) => !before.includes(listener) && which(listener)),
  }
  try {
    const problems = await openListeners(opener, plan, host)
    await listeners.close((listener) => before.includes(listener) && !kept.has(listener))
    return problems
  } catch (error) {
    const back = lowPortOpener(listeners, host)
    for (const { address, port, protocol } of new Set(aside)) await back.listen(address, port, protocol)
    throw error
  }
}

/** Who takes any free port keeps the one it has when it moves to other addresses; 0 where there was none. */
function formerPort(before: readonly Listener[], address: string, protocol: Listener['protocol']): number {
  const own = before.filter((one) => one.protocol === protocol)
  return (own.find((one) => isSameFamily(one.address, address)) ?? own[0])?.port ?? 0
}

function isSameFamily(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':')
}

function portPlan(
  override: number | undefined,
  port: number,
  fallback: number,
): { port: number; fallback: number | null } {
  if (override !== undefined) return { port: override, fallback: null }
  return { port, fallback: port === fallback ? null : fallback }
}

async function openPort(
  opener: ListenerOpener,
  plan: ListenPlan,
  protocol: Listener['protocol'],
  host: HostFacts | undefined,
): Promise<Problem[]> {
  const { port, fallback } = plan[protocol]
  const first = await tryPort(lowPortOpener(opener, host), plan.bind, port, protocol)
  if (first.opened) return first.problems
  const reason = await reasonFor(first.error, first.address, port, host)
  if (fallback === null) throw reason
  const second = await tryPort(opener, plan.bind, fallback, protocol)
  if (!second.opened) {
    const also = await reasonFor(second.error, second.address, fallback, host)
    throw new Fault(reason.code, `${reason.message} The fallback did not work either: ${also.message}`, reason.hint, {
      cause: first.error,
    })
  }
  const remedy = reason.hint === undefined ? '' : ` ${reason.hint}`
  return [
    { path: `listen.${protocol}`, message: `${reason.message} Port ${fallback} is used instead.${remedy}` },
    ...second.problems,
  ]
}

/** Where a low port is forbidden on loopback alone, all addresses are listened on, and other machines turned away. */
function lowPortOpener(opener: ListenerOpener, host: HostFacts | undefined): ListenerOpener {
  if (host?.lowPortsOnAllAddresses !== true) return opener
  return {
    close: (which) => opener.close(which),
    listen: async (address, port, protocol) => {
      try {
        return await opener.listen(address, port, protocol)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EACCES' || !isLoopbackHost(address)) throw error
        return opener.listen(address, port, protocol, address.includes(':') ? '::' : '0.0.0.0')
      }
    },
  }
}

type Attempt = { opened: true; problems: Problem[] } | { opened: false; error: NodeJS.ErrnoException; address: string }

/** Opens one port on every address, or on none. An address that the machine does not have (no IPv6) is left out. */
async function tryPort(
  opener: ListenerOpener,
  bind: string[],
  port: number,
  protocol: Listener['protocol'],
): Promise<Attempt> {
  const opened: Listener[] = []
  const missing: Problem[] = []
  let chosen = port
  for (const address of bind) {
    try {
      const listener = await openOne(opener, address, chosen, port, protocol)
      opened.push(listener)
      chosen = listener.port
    } catch (thrown) {
      const error = thrown as NodeJS.ErrnoException
      if (isMissingAddress(error) && bind.length > 1) {
        missing.push({ path: 'listen.bind', message: `This machine has no address ${address}; the others are used.` })
        continue
      }
      await opener.close((listener) => opened.includes(listener))
      return { opened: false, error, address }
    }
  }
  if (opened.length === 0)
    return {
      opened: false,
      error: Object.assign(new Error('no address'), { code: 'EADDRNOTAVAIL' }),
      address: bind.join(', '),
    }
  return { opened: true, problems: missing }
}

/** With "any free port", one number for all addresses is nicer; where it is taken on one, that one gets another. */
async function openOne(
  opener: ListenerOpener,
  address: string,
  chosen: number,
  asked: number,
  protocol: Listener['protocol'],
): Promise<Listener> {
  try {
    return await opener.listen(address, chosen, protocol)
  } catch (error) {
    if (asked !== 0 || chosen === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return opener.listen(address, 0, protocol)
  }
}

function isMissingAddress(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'
}

async function reasonFor(
  error: NodeJS.ErrnoException,
  address: string,
  port: number,
  host: HostFacts | undefined,
): Promise<Fault> {
  const where = formatAuthority(address, port)
  const options = { cause: error }
  if (error.code === 'EADDRINUSE') {
    const holder = (await host?.portHolder(port)) ?? null
    const message =
      holder === null ? `Port ${port} is taken by another process.` : `Port ${port} is taken by ${holder}.`
    return new Fault(
      'port-taken',
      message,
      'Stop that process, or choose another port in the config under "listen".',
      options,
    )
  }
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    const command = host?.permitLowPortsCommand ?? null
    return new Fault(
      'port-forbidden',
      `Listening on port ${port} is not permitted.`,
      command === null ? 'Choose a port above 1023 in the config under "listen".' : `To permit it, run: ${command}`,
      options,
    )
  }
  if (isMissingAddress(error))
    return new Fault(
      'listen-failed',
      `This machine has no address ${address}.`,
      'Correct "listen.bind" in the config, or --bind.',
      options,
    )
  return new Fault(
    'listen-failed',
    `Listening on ${where} failed (${error.code ?? error.message}).`,
    'Correct "listen" in the config.',
    options,
  )
}
