import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { makeCertificate } from './certificate.js'
import { until } from './wait.js'

const PEBBLE = process.env.PEBBLE ?? '/usr/bin/pebble'
const CHALLTESTSRV = process.env.PEBBLE_CHALLTESTSRV ?? '/usr/bin/pebble-challtestsrv'

/** What keeps tests from an ACME authority of their own; null when nothing does. In CI that is an error. */
export function pebbleMissing(what: string): string | null {
  const missing = [PEBBLE, CHALLTESTSRV].find((file) => !existsSync(file))
  if (missing === undefined) return null
  if (process.env.CI === 'true') throw new Error(`${what} cannot be tested: no ${missing}`)
  console.warn(`SKIPPED ${what}: no ${missing} (Debian's package pebble)`)
  return missing
}

export interface PebbleOptions {
  /** where it looks for the answers to HTTP-01 and TLS-ALPN-01 */
  httpPort?: number
  tlsPort?: number
  /** per cent of nonces that it refuses, none unless told */
  badNonces?: number
  /** seconds that its certificates live, 90 days unless told */
  validity?: number
  /** key identifier and key (base64url) without which it makes no accounts */
  eab?: { kid: string; hmacKey: string }
}

/** An ACME authority of its own: Let's Encrypt's Pebble, with a DNS server that leads every name to the loopback. */
export interface Pebble {
  directory: string
  port: number
  /** of the authority that signed the directory's own certificate */
  caFile: string
  ca: string
  /** PEM, the root that its certificates lead to */
  root(): Promise<string>
  /** what it has printed */
  log(): string
  /** Ends it; `start` brings it back at the same port, without what it knew. */
  stop(): Promise<void>
  start(): Promise<void>
  /** URL of the DNS server's own interface, where TXT records are set */
  dnsUrl: string
}

/** Starts Pebble for one test. */
export async function startPebble(options: PebbleOptions = {}): Promise<Pebble> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'portico-pebble-'))
  const certificate = makeCertificate('DNS:localhost', 'IP:127.0.0.1')
  const [port, management, dns, dnsManagement] = await freePorts(4)
  const configFile = path.join(directory, 'pebble.json')
  const keyFile = path.join(path.dirname(certificate.file), 'key.pem')
  const config = configOf(options, { port, management, certificate: certificate.file, key: keyFile })
  await writeFile(configFile, JSON.stringify(config))
  const output: string[] = []
  const names = run(CHALLTESTSRV, namesArguments(dns, dnsManagement), {}, output)
  const environment = {
    PEBBLE_VA_NOSLEEP: '1',
    PEBBLE_AUTHZREUSE: '0',
    PEBBLE_WFE_NONCEREJECT: String(options.badNonces ?? 0),
  }
  let pebble: ChildProcess | null = null
  const start = async () => {
    pebble = run(PEBBLE, ['-config', configFile, '-dnsserver', `127.0.0.1:${dns}`], environment, output)
    await until(
      () => accepts(port),
      () => `Pebble listens: ${output.join('')}`,
      10_000,
    )
    await until(() => accepts(management), 'Pebble is complete', 10_000)
  }
  const stop = () => ended(pebble)
  onTestFinished(async () => {
    await Promise.all([stop(), ended(names)])
    certificate.remove()
    await rm(directory, { recursive: true, force: true })
  })
  await start()
  await until(() => accepts(dnsManagement), 'the DNS server listens', 10_000)
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    port,
    caFile: certificate.file,
    ca: certificate.cert,
    root: () => get(`https://127.0.0.1:${management}/roots/0`, certificate.cert),
    log: () => output.join(''),
    stop,
    start,
    dnsUrl: `http://127.0.0.1:${dnsManagement}`,
  }
}

function configOf(
  { httpPort = 1, tlsPort = 1, validity = 7_776_000, eab }: PebbleOptions,
  at: { port: number; management: number; certificate: string; key: string },
) {
  return {
    pebble: {
      listenAddress: `127.0.0.1:${at.port}`,
      managementListenAddress: `127.0.0.1:${at.management}`,
      certificate: at.certificate,
      privateKey: at.key,
      httpPort,
      tlsPort,
      ocspResponderURL: '',
      externalAccountBindingRequired: eab !== undefined,
      ...(eab === undefined ? {} : { externalAccountMACKeys: { [eab.kid]: eab.hmacKey } }),
      retryAfter: { authz: 1, order: 1 },
      certificateValidityPeriod: validity,
      keyAlgorithm: 'ecdsa',
      profiles: { default: { description: 'd', validityPeriod: validity } },
    },
  }
}

function namesArguments(dns: number, management: number): string[] {
  const off = ['-http01', '', '-https01', '', '-tlsalpn01', '']
  const own = ['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${management}`]
  return ['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', ...own, ...off]
}

function run(program: string, args: string[], environment: Record<string, string>, output: string[]): ChildProcess {
  const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(String(chunk)))
  return child
}

async function ended(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}

/** Free at the moment; all are held until the last one is known, so that they differ. */
export async function freePorts(count: number): Promise<[number, number, number, number]> {
  const servers = Array.from({ length: count }, () => net.createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port)),
        ),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as [number, number, number, number]
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    const settle = (connected: boolean) => {
      socket.destroy()
      resolve(connected)
    }
    socket.on('connect', () => settle(true)).on('error', () => settle(false))
  })
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    https
      .get(url, { ca }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      })
      .on('error', reject)
  })
}
