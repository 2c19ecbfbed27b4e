import { once } from 'node:events'
import http from 'node:http'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { version } from '../../../package.json'
import { Fault } from '../../shared/fault.js'
import { localEndpoint } from '../engine/control/endpoint.js'
import { InstanceLock } from '../engine/control/instance-lock.js'
import { listenPrivately } from '../engine/control/listen-privately.js'
import { ensurePrivateDir } from '../engine/control/private-dir.js'
import { isAnswering } from '../engine/control/probe.js'
import { AppendFile } from '../engine/observe/access-log/append-file.js'
import { Relay } from '../engine/tunnel/relay/relay.js'
import { apiListener } from '../engine/tunnel/relay/relay-api.js'
import { AUDIT_FILE, RELAY_ENDPOINT } from '../engine/tunnel/relay/relay-files.js'
import { RelayServer } from '../engine/tunnel/relay/relay-server.js'
import type { ConnectionLimits } from '../engine/tunnel/relay/user-connection.js'
import { currentPlatform } from '../platform/platform.js'
import { LogFile } from './log-file.js'
import type { RelayGateway } from './relay-gateway.js'

export interface HostRelayOptions {
  /** absolute */
  dataDir: string
  /** to listen on for agents */
  host: string
  /** 0 for any that is free */
  port: number
  /** PEM; null to serve without TLS */
  tls: { cert: string; key: string } | null
  /** below which apps are published, and at which agents connect, by a gateway that has its certificates; null for none */
  domain: string | null
  limits: Partial<ConnectionLimits>
  /** milliseconds between two pings; 15 seconds unless told */
  pingMs?: number
}

/** A relay in its own process, with all that a process owes it. */
export interface HostedRelay {
  relay: Relay
  /** where agents connect to */
  url: string
  /** Serves with another certificate, PEM, from now on. @throws Fault `certificate-invalid` */
  renew(tls: { cert: string; key: string }): void
  close(): Promise<void>
}

/** Milliseconds that a change of a relay's files is waited for. */
const LOCK_MS = 3_000
/** Five files of audit lines, so much each in bytes; the full ones are packed. */
const AUDIT = { maxBytes: 10 * 1024 * 1024, maxAgeMs: null, keep: 5, gzip: true }

/**
 * Starts a relay with its lock, logs and the socket for operators of this machine.
 *
 * @throws Fault when another process has the data directory, or the relay cannot start; nothing is left behind then
 */
export async function hostRelay(options: HostRelayOptions): Promise<HostedRelay> {
  const { dataDir } = options
  const lock = await lockRelay(dataDir)
  try {
    const log = LogFile.open(dataDir, 'relay.log')
    const crashed = (error: Error) => log.fatal({ err: error }, 'crashed')
    process.on('uncaughtExceptionMonitor', crashed)
    const gateway = await openGateway(options)
    try {
      const hosted = await serve(options, lock, log, gateway)
      const close = () => hosted.close().finally(() => process.off('uncaughtExceptionMonitor', crashed))
      return { ...hosted, close }
    } catch (error) {
      await gateway?.close()
      throw error
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function serve(
  { dataDir, host, port, tls, limits, pingMs }: HostRelayOptions,
  lock: InstanceLock,
  log: Logger,
  gateway: RelayGateway | null,
): Promise<HostedRelay> {
  const audit = new AppendFile(path.join(dataDir, AUDIT_FILE), AUDIT)
  const published = gateway === null ? {} : { publisher: gateway, behindGateway: true }
  const pings = pingMs === undefined ? {} : { pingMs }
  const relay = await Relay.open({ dataDir, version, audit, log, limits, ...pings, ...published })
  let server: RelayServer | null = null
  try {
    // Behind a gateway, agents come from there alone.
    const place = gateway === null ? { host, port, tls } : { host: '127.0.0.1', port: 0, tls: null, ownOnly: true }
    const opened = await RelayServer.open({ relay, ...place })
    server = opened
    if (gateway !== null) relay.url = await gateway.admitAgents(opened.port)
    const door = await openDoor(relay, dataDir)
    return {
      relay,
      url: relay.url,
      renew: (renewed) => opened.renew(renewed),
      close: async () => {
        await closeDoor(door)
        await opened.close()
        await gateway?.close()
        await lock.release()
      },
    }
  } catch (error) {
    await (server ?? relay).close()
    throw error
  }
}

/** Only a relay with a domain needs an engine, which is much to load. */
async function openGateway({ dataDir, domain, host, port }: HostRelayOptions): Promise<RelayGateway | null> {
  if (domain === null) return null
  const { RelayGateway } = await import('./relay-gateway.js')
  return RelayGateway.open({ dataDir, domain, host, port })
}

/**
 * Takes the data directory of a relay. Somebody who has it and does not answer only changes its files, or is about to
 * answer, and is waited for.
 *
 * @throws Fault `already-running`
 */
export async function lockRelay(dataDir: string): Promise<InstanceLock> {
  const platform = currentPlatform()
  const end = performance.now() + LOCK_MS
  for (;;) {
    try {
      return await InstanceLock.acquire({ dataDir, platform, endpoint: RELAY_ENDPOINT })
    } catch (thrown) {
      if (!(thrown instanceof Fault) || thrown.code !== 'already-running') throw thrown
      const running = performance.now() > end || (await isAnswering(dataDir, platform, RELAY_ENDPOINT))
      if (running) throw new Fault('already-running', thrown.message, 'Name another data directory with --data-dir.')
    }
    await delay(LOCK_MS / 50)
  }
}

async function openDoor(relay: Relay, dataDir: string): Promise<http.Server> {
  const platform = currentPlatform()
  const directory = await ensurePrivateDir(dataDir, platform)
  const server = http.createServer(apiListener(relay, 'local'))
  await listenPrivately(server, localEndpoint(directory, platform, RELAY_ENDPOINT), directory)
  return server
}

async function closeDoor(server: http.Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
