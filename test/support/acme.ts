import tls from 'node:tls'
import type { ConfigFile } from '../../src/shared/config.js'
import type { CertificateStatus } from '../../src/shared/window-schemas.js'
import type { TestGateway } from './gateway.js'
import { gatewayFor } from './handshake.js'
import { type Pebble, type PebbleOptions, startPebble } from './pebble.js'
import { until, within } from './wait.js'

export type AcmeConfig = NonNullable<NonNullable<ConfigFile['tls']>['acme']>

/** A gateway, and an authority that looks for its challenges there. */
export interface AcmeBench {
  gateway: TestGateway
  pebble: Pebble
  /** Has certificates for hosts asked from the authority, or from `directory` in its place. */
  want(hosts: readonly string[], acme?: Partial<AcmeConfig>): Promise<void>
  status(host: string): Promise<CertificateStatus>
  /** the warning about a host; null when there is none */
  warning(host: string): string | null
}

export const ISSUING_MS = 30_000

export async function acmeBench(options: PebbleOptions = {}): Promise<AcmeBench> {
  const gateway = await gatewayFor({})
  const pebble = await startPebble({ httpPort: gateway.httpPort, tlsPort: gateway.httpsPort, ...options })
  const own = { email: 'a@b.cd', directory: pebble.directory, caFile: pebble.caFile }
  return {
    gateway,
    pebble,
    want: (hosts, acme = {}) =>
      gateway.configure({
        tls: { acme: { ...own, ...acme } },
        apps: [{ name: 'shop', port: 1, hosts: [...hosts], certificate: 'acme' }],
      }),
    status: async (host) => {
      const all = await gateway.engine.call('certificates.list', {})
      const found = all.filter(({ name }) => name === host)
      if (found.length !== 1) throw new Error(`${host} is listed ${found.length} times`)
      return found[0] as CertificateStatus
    },
    warning: (host) =>
      gateway.engine.status().warnings.find(({ message }) => message.startsWith(`${host}: `))?.message ?? null,
  }
}

/** Waits until a host has a certificate of the authority. */
export async function issued(bench: AcmeBench, host: string): Promise<CertificateStatus> {
  const why = () => `${host} has a certificate: ${bench.warning(host)}\n${bench.pebble.log().slice(-2000)}`
  await until(async () => (await bench.status(host)).state === 'valid', why, ISSUING_MS)
  return bench.status(host)
}

export interface Seen {
  fingerprint: string
  names: string
  /** null when no chain to `ca` could be made */
  authorized: boolean
}

/** What a client sees that connects for a name. @param ca what it trusts, PEM */
export function seenBy(gateway: TestGateway, servername: string, ca: string): Promise<Seen> {
  return within(
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: gateway.httpsPort, servername, ca, rejectUnauthorized: false }
      const client = tls.connect(options)
      client.once('error', reject)
      client.once('secureConnect', () => {
        const { fingerprint256, subjectaltname } = client.getPeerCertificate()
        resolve({ fingerprint: fingerprint256, names: subjectaltname ?? '', authorized: client.authorized })
        client.destroy()
      })
    }),
    'a handshake',
  )
}
