import type { Listener } from './contract.js'

/** The port at which this machine reaches the apps; null while nothing listens for HTTPS. */
export function httpsPortOf(listeners: readonly Listener[]): number | null {
  const https = listeners.find(({ protocol }) => protocol === 'https')
  return https === undefined ? null : (https.publicPort ?? https.port)
}

/** The port at which other machines reach the apps: what the system redirects, it redirects for this machine alone. */
export function remoteHttpsPortOf(listeners: readonly Listener[]): number | null {
  return listeners.find(({ protocol }) => protocol === 'https')?.port ?? null
}
