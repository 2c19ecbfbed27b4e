/** What a relay has in its data directory. */
export const TOKENS_FILE = 'tokens.json'
export const PROXIES_FILE = 'proxies.json'
export const AUDIT_FILE = 'audit.log'
export const RELAY_SOCKET = 'relay.sock'
