import { unwatchFile, watchFile } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Fault } from '../../shared/fault.js'
import { isIpLiteral, isLoopbackHost, normaliseHostname } from '../../shared/hostname.js'
import { type HostedRelay, hostRelay } from '../host/host-relay.js'
import { note, print, styled } from './output.js'
import type { CommonOptions } from './program.js'
import { duration, hostAndPort, pingInterval, relayDirOf } from './relay-options.js'
import { StopSignals } from './stop-signals.js'

export interface RelayServeOptions extends CommonOptions {
  listen: string
  cert?: string
  key?: string
  domain?: string
  idle?: string
  lifetime?: string
  ping?: string
}

/** How often it is looked whether the certificate was renewed. */
const LOOK_MS = 2_000

/** `portico relay serve`: the relay in this process, until a signal ends it. */
export async function serveRelay(options: RelayServeOptions): Promise<void> {
  const { host, port } = hostAndPort('--listen', options.listen)
  const dataDir = relayDirOf(options)
  const limits = {
    ...(options.idle === undefined ? {} : { idleMs: timer('--idle', options.idle) }),
    ...(options.lifetime === undefined ? {} : { lifetimeMs: timer('--lifetime', options.lifetime) }),
  }
  const pings = options.ping === undefined ? {} : { pingMs: pingInterval(options.ping) }
  const domain = domainOf(options)
  const tls = domain === null ? await tlsOf(options, host) : null
  const signals = new StopSignals()
  try {
    const hosted = await hostRelay({ dataDir, host, port, tls, domain, limits, ...pings })
    print(styled('bold', `The relay is running (process ${process.pid})`))
    print(`Agents connect to ${styled('cyan', hosted.url)}`)
    if (domain !== null)
      print(`Apps are published below ${domain}, by the gateway whose config is in ${dataDir}/gateway`)
    print(`Tokens, proxies and the audit log are in ${dataDir}`)
    if ((await hosted.relay.listTokens()).length === 0)
      print('No agent has a token yet: portico relay token create --agent ID')
    const watch = watchCertificate(options, hosted)
    await signals.first
    watch.end()
    note('Stopping.')
    await Promise.race([hosted.close(), signals.second])
  } finally {
    signals.close()
  }
}

/** Files that are renewed, as by an ACME client, are read again. */
function watchCertificate({ cert, key }: RelayServeOptions, hosted: HostedRelay): { end(): void } {
  if (cert === undefined || key === undefined) return { end: () => {} }
  const read = async () => {
    try {
      hosted.renew({ cert: await pem(cert), key: await pem(key) })
      note(`${cert} is read again.`)
    } catch (thrown) {
      // One of both is newer for a moment, and the change of the other is told too.
      note(`${Fault.of(thrown).message} The former certificate stays.`)
    }
  }
  const changed = () => void read()
  for (const file of [cert, key]) watchFile(file, { interval: LOOK_MS, persistent: false }, changed)
  return {
    end: () => {
      for (const file of [cert, key]) unwatchFile(file, changed)
    },
  }
}

function domainOf({ domain, cert, key }: RelayServeOptions): string | null {
  if (domain === undefined) return null
  const name = normaliseHostname(domain)
  if (name === null || isIpLiteral(name)) {
    throw new Fault('usage', `"${domain}" is not a domain.`, 'Name one whose subdomains lead here.')
  }
  if (cert === undefined && key === undefined) return name
  const hint = 'Leave --cert and --key out, or the domain.'
  throw new Fault('usage', 'A relay with a domain has certificates of its own.', hint)
}

async function tlsOf({ cert, key }: RelayServeOptions, host: string): Promise<{ cert: string; key: string } | null> {
  if (cert !== undefined && key !== undefined) return { cert: await pem(cert), key: await pem(key) }
  if (cert !== undefined || key !== undefined) {
    throw new Fault('usage', 'A certificate needs its key, and a key its certificate.', 'Name both: --cert, --key.')
  }
  if (isLoopbackHost(host)) return null
  const hint =
    'Name a domain with --domain, or a certificate with --cert and --key, or listen on 127.0.0.1 behind a server that has one.'
  throw new Fault('usage', `Without TLS, everybody on the way to ${host} could read the tokens.`, hint)
}

async function pem(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Fault(
      'certificate-invalid',
      `${file} can not be read: ${error.code ?? error.message}.`,
      'Check its path.',
    )
  })
}

/** A timer counts its milliseconds in 31 bits. */
function timer(name: string, text: string): number {
  const milliseconds = duration(name, text)
  if (milliseconds < 2 ** 31) return milliseconds
  throw new Fault('usage', `${name}: "${text}" is too long.`, 'It may be at most 24d.')
}
