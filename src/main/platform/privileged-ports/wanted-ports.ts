import type { Config } from '../../../shared/config.js'
import type { LowPorts } from './low-ports.js'

/** The ports of a config, each with the one that is used where it is not permitted. */
export function wantedPorts({ listen }: Pick<Config, 'listen'>): LowPorts {
  const [https, http] = listen.fallback
  return { https: { port: listen.https, fallback: https }, http: { port: listen.http, fallback: http } }
}
