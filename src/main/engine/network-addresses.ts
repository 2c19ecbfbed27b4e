import os from 'node:os'

/** An address of this machine, with the network that it is in. */
export interface NetworkAddress {
  /** name of the interface, as `en0` */
  interface: string
  /** without a zone */
  address: string
  family: 4 | 6
  /** as `192.168.1.20/24` */
  cidr: string
  /** number of the interface, for link-local IPv6; 0 for all else */
  scope: number
}

/** The addresses by which other machines reach this one, as they are now. Interfaces come and go. */
export function systemAddresses(): NetworkAddress[] {
  return Object.entries(os.networkInterfaces()).flatMap(([name, infos = []]) =>
    infos
      .filter(({ internal, cidr }) => !internal && cidr !== null)
      .map((info) => ({
        interface: name,
        address: info.address,
        family: info.family === 'IPv4' ? (4 as const) : (6 as const),
        cidr: info.cidr as string,
        scope: info.family === 'IPv6' ? info.scopeid : 0,
      })),
  )
}

/** An address that needs the name of an interface to be reached (RFC 4291 section 2.5.6). */
export function isLinkLocalV6(address: string): boolean {
  return /^fe[89ab]/i.test(address)
}
