/** What the system's resolver shall know. */
export interface ResolverWish {
  /** hosts of the apps, normalised, wildcards included */
  hosts: readonly string[]
  /** port of Portico's DNS; null when it is off */
  dnsPort: number | null
  /** names for the hosts file: those that the system does not find at loopback by itself */
  names: readonly string[]
  /** of loopback, where the gateway listens */
  addresses: readonly string[]
}

/** Why no way that asks Portico fits; null when it answers. */
export function dnsIsOff({ dnsPort }: ResolverWish): string | null {
  return dnsPort === null ? 'Portico answers no DNS queries: set "enabled" to true under "dns" in the config.' : null
}

/** The first line of every file of the system that is Portico's as a whole. */
export const OWN_FILE = '# Made by Portico. "portico dns uninstall" takes it away.'
