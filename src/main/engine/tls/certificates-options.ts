import type { Logger } from 'pino'
import type { CertificateSource } from '../../../shared/config.js'
import type { AcmeDemand } from './acme/acme-certificates.js'
import type { KeyVault } from './key-vault.js'

export interface CertificateDemand {
  source: CertificateSource
  /** what the config names: the exact host, or the wildcard above it, such as `*.shop.localhost`; normalised */
  leafName: string
}

export interface CertificatesOptions {
  /** holds `ca/` and `certs/`, both made when needed */
  dataDir: string
  /**
   * Which certificate a host (normalised, no port) wants; null when no app owns it. Called at every handshake, and
   * whatever it answers then counts.
   */
  demandFor: (host: string) => CertificateDemand | null
  /** one demand for every host of the config: their files are watched, their addresses go into the default leaf */
  demands: () => readonly CertificateDemand[]
  /** what a client gets whose SNI names no host of ours: the default leaf, or a handshake alert */
  unknownHosts: () => 'default' | 'reject'
  /** what the config wants of ACME authorities; nothing unless told */
  acme?: () => AcmeDemand
  /** whether authorities can reach the gateway now; while not, none is asked */
  listening?: () => boolean
  /** called when a certificate of ACME came, or could not be had, and when the local CA is about to end */
  onChange?: () => void
  /** where the key of the local CA may be kept; only as a file without */
  vault?: KeyVault | undefined
  log: Logger
  /** milliseconds since the epoch */
  now?: () => number
  /** how many local leaves stay in memory, 1000 unless told */
  leavesInMemory?: number
}
