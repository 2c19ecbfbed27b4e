/** What a relay has in its data directory. */
export const TOKENS_FILE = 'tokens.json'
export const PROXIES_FILE = 'proxies.json'
export const AUDIT_FILE = 'audit.log'
/** Name of its control endpoint: `relay.sock`, or a named pipe. */
export const RELAY_ENDPOINT = 'relay'
