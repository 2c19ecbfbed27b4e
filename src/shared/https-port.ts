import type { Listener } from './contract.js'

/** The port at which this machine reaches the apps; null while nothing listens for HTTPS. */
export function httpsPortOf(listeners: readonly Listener[]): number | null {
  const https = listeners.find(({ protocol }) => protocol === 'https')
  return https === undefined ? null : (https.publicPort ?? https.port)
}
