import type { ConfigFile } from '../../../shared/config.js'

/** The document with LAN mode on or off; what else stands there stays. */
export function withLan(document: ConfigFile, enabled: boolean): ConfigFile {
  return { ...document, lan: { ...document.lan, enabled } }
}
