/** Who may do what in the window: the decisions alone, Electron's objects reduced to what they depend on. */

/** Where a message came from. */
export interface Sender {
  /** of the frame that sent it; null when that is gone */
  origin: string | null
  /** it is the top frame of its page */
  mainFrame: boolean
  /** its page is the window's */
  ownWindow: boolean
}

/** True for the app's own page in the app's own window, and for nothing embedded in it. */
export function mayUseBridge(sender: Sender, trustedOrigin: string): boolean {
  return sender.ownWindow && sender.mainFrame && sender.origin === trustedOrigin
}

/**
 * Whether the system's browser may be asked to open an address: hosts that the shell names, and what runs on this
 * machine. Everything else, and everything that is not a web address, stays closed.
 *
 * @param hosts of the apps and whatever else may be opened, with wildcards (`*.shop.test`)
 */
export function mayOpenExternally(address: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  if (protocol !== 'https:' && protocol !== 'http:') return false
  if (username !== '' || password !== '') return false
  return isLoopback(hostname) || hosts.some((pattern) => covers(pattern, hostname))
}

/** A page may copy to the clipboard when it is the app's own; it needs nothing else. */
export function isPermitted(permission: string, origin: string, trustedOrigin: string): boolean {
  return permission === 'clipboard-sanitized-write' && originOf(origin) === trustedOrigin
}

/** `scheme://host[:port]` of an address; null when there is none. Node's own `origin` is "null" for custom schemes. */
export function originOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const { protocol, host } = new URL(address)
  return `${protocol}//${host}`
}

function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost')
}

function covers(pattern: string, hostname: string): boolean {
  const wanted = pattern.toLowerCase()
  if (!wanted.startsWith('*.')) return wanted === hostname
  return hostname.endsWith(wanted.slice(1)) && hostname.length > wanted.length - 1
}
