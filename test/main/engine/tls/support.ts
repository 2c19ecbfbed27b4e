import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import tls from 'node:tls'
import { promisify } from 'node:util'
import pino from 'pino'
import { onTestFinished } from 'vitest'
import {
  type CertificateDemand,
  Certificates,
  type CertificatesOptions,
} from '../../../../src/main/engine/tls/certificates.js'
import { hostMatches } from '../../../../src/shared/hostname.js'

export const DAY = 86_400_000

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'portico-tls-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export interface LogLine {
  level: number
  msg: string
  reason?: string
  leaf?: string
}

/** A real pino logger that keeps what it was told. */
export function memoryLog(): { log: pino.Logger; lines: LogLine[] } {
  const lines: LogLine[] = []
  return { log: pino({ level: 'debug' }, { write: (text: string) => lines.push(JSON.parse(text)) }), lines }
}

export interface Gate {
  certificates: Certificates
  server: tls.Server
  port: number
  lines: LogLine[]
  dataDir: string
  /** leaves issued so far, by name */
  issued: () => string[]
  /** the host patterns that are configured, open to change; call `certificates.reload()` after it */
  config: CertificateDemand[]
}

type GateOptions = Partial<Omit<CertificatesOptions, 'log' | 'demandFor' | 'demands'>> & {
  config?: CertificateDemand[]
  server?: tls.TlsOptions
}

/** A TLS server on a free port of the loopback that answers every handshake from `Certificates`. */
export async function openGate({ config = [], server: serverOptions, ...options }: GateOptions = {}): Promise<Gate> {
  const dataDir = options.dataDir ?? (await temporaryDirectory())
  const { log, lines } = memoryLog()
  const certificates = await Certificates.open({
    unknownHosts: () => 'default',
    ...options,
    dataDir,
    log,
    demands: () => config,
    demandFor: (host) =>
      config.find(({ leafName }) => leafName === host) ??
      config.find(({ leafName }) => hostMatches(leafName, host)) ??
      null,
  })
  const server = tls.createServer({
    ...Certificates.secureOptions,
    SNICallback: certificates.sniCallback,
    ...serverOptions,
  })
  const detach = await certificates.attach(server)
  server.on('secureConnection', (socket) => socket.on('error', () => {}).end('hello'))
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    detach()
    certificates.close()
    await new Promise((resolve) => server.close(resolve))
  })
  const issued = () => lines.filter(({ msg }) => msg === 'issued certificate').map(({ leaf }) => leaf ?? '')
  return { certificates, server, port: (server.address() as AddressInfo).port, lines, dataDir, issued, config }
}

export interface Handshake {
  certificate: tls.PeerCertificate
  protocol: string | null
  cipher: string
  reused: boolean
  session: Buffer | undefined
}

/** Connects, verifying against the gate's CA (and the name, unless told otherwise), and returns what was agreed. */
export function handshake(gate: Gate, servername: string, options: tls.ConnectionOptions = {}): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host: '127.0.0.1',
      port: gate.port,
      servername,
      ca: gate.certificates.authority.pem,
      timeout: 10_000,
      ...options,
    })
    let session: Buffer | undefined
    socket.on('session', (ticket) => {
      session = ticket
    })
    socket.on('error', reject)
    socket.on('timeout', () => socket.destroy(new Error('timeout')))
    socket.resume().on('close', (failed) => {
      if (!failed) resolve({ ...agreed, session })
    })
    let agreed: Omit<Handshake, 'session'>
    socket.on('secureConnect', () => {
      agreed = {
        certificate: socket.getPeerCertificate(),
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().standardName,
        reused: socket.isSessionReused(),
      }
    })
  })
}

/** Sends bytes to the gate's port and returns what comes back until it closes. */
export function exchangeBytes(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes))
    const chunks: Buffer[] = []
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), 10_000)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      socket.end()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks))
    })
  })
}

const run = promisify(execFile)

/** Runs the openssl command line; rejects when it fails. */
export async function openssl(...args: string[]): Promise<string> {
  const { stdout, stderr } = await run('openssl', args, { timeout: 20_000 })
  return stdout + stderr
}

/** Makes a self-signed certificate of a user's own, by openssl, at `<directory>/<name>.{pem,key}`. */
export async function ownCertificate(
  directory: string,
  name: string,
  host: string,
  days = 30,
): Promise<{ certFile: string; keyFile: string }> {
  const files = { certFile: path.join(directory, `${name}.pem`), keyFile: path.join(directory, `${name}.key`) }
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', String(days)],
    ...[
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${host}`,
      '-out',
      files.certFile,
      '-keyout',
      files.keyFile,
    ],
  )
  return files
}

/** Polls until `probe` gives something other than undefined or false; fails after `ms` milliseconds. */
export async function eventually<T>(probe: () => Promise<T> | T, ms = 8_000): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const result = await probe()
    if (result !== undefined && result !== false) return result
    if (Date.now() > deadline) throw new Error('did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
