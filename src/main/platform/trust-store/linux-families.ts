/** What differs between the families of Linux distributions. */
export interface LinuxFamily {
  id: 'debian' | 'fedora' | 'arch' | 'suse' | 'alpine'
  title: string
  /** in ID or ID_LIKE of /etc/os-release */
  names: readonly string[]
  /** where the certificates that a machine's owner adds belong */
  anchors: string
  /** what programs read, made from the anchors and the system's own */
  bundle: string
  /** makes the bundle anew */
  refresh: { program: string; args: readonly string[] }
  /** how to come by NSS's certutil */
  nssTools: string
}

export const LINUX_FAMILIES: readonly LinuxFamily[] = [
  {
    id: 'debian',
    title: 'Debian system store',
    names: ['debian', 'ubuntu', 'linuxmint', 'raspbian'],
    anchors: '/usr/local/share/ca-certificates',
    bundle: '/etc/ssl/certs/ca-certificates.crt',
    refresh: { program: '/usr/sbin/update-ca-certificates', args: [] },
    nssTools: 'sudo apt install libnss3-tools',
  },
  {
    id: 'fedora',
    title: 'Fedora system store',
    names: ['fedora', 'rhel', 'centos', 'amzn'],
    anchors: '/etc/pki/ca-trust/source/anchors',
    bundle: '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    refresh: { program: '/usr/bin/update-ca-trust', args: ['extract'] },
    nssTools: 'sudo dnf install nss-tools',
  },
  {
    id: 'arch',
    title: 'Arch system store',
    names: ['arch', 'archlinux', 'manjaro'],
    anchors: '/etc/ca-certificates/trust-source/anchors',
    bundle: '/etc/ca-certificates/extracted/tls-ca-bundle.pem',
    refresh: { program: '/usr/bin/trust', args: ['extract-compat'] },
    nssTools: 'sudo pacman -S nss',
  },
  {
    id: 'suse',
    title: 'SUSE system store',
    names: ['suse', 'opensuse', 'sles'],
    anchors: '/etc/pki/trust/anchors',
    bundle: '/var/lib/ca-certificates/ca-bundle.pem',
    refresh: { program: '/usr/sbin/update-ca-certificates', args: [] },
    nssTools: 'sudo zypper install mozilla-nss-tools',
  },
  {
    id: 'alpine',
    title: 'Alpine system store',
    names: ['alpine'],
    anchors: '/usr/local/share/ca-certificates',
    bundle: '/etc/ssl/certs/ca-certificates.crt',
    refresh: { program: '/usr/sbin/update-ca-certificates', args: [] },
    nssTools: 'sudo apk add nss-tools',
  },
]

/** What a distribution is, for its trust store: a family, or why it has none that can be changed. */
export type LinuxTrust = { family: LinuxFamily } | { family: null; because: string }

/**
 * Finds the family, by what the distribution says that it is, or else by the folder that is there.
 *
 * @param osRelease text of /etc/os-release (os-release(5)); empty without one
 * @param folders which of the families' `anchors` there are
 */
export function linuxTrust(osRelease: string, folders: ReadonlySet<string>): LinuxTrust {
  const names = distributionNames(osRelease)
  const declarative = names.find((name) => name in DECLARATIVE)
  if (declarative !== undefined) return { family: null, because: DECLARATIVE[declarative]! }
  const family =
    LINUX_FAMILIES.find((one) => one.names.includes(names[0] ?? '')) ??
    LINUX_FAMILIES.find((one) => one.names.some((name) => names.includes(name))) ??
    LINUX_FAMILIES.find(({ anchors }) => folders.has(anchors))
  if (family === undefined) return { family: null, because: 'This distribution keeps its certificates nowhere known.' }
  if (!folders.has(family.anchors) && family.id !== 'alpine') {
    return { family: null, because: `${family.anchors} is missing: install the package ca-certificates.` }
  }
  return { family }
}

/** Distributions whose files are made from a description, and overwritten with it. */
const DECLARATIVE: Record<string, string> = {
  nixos: 'NixOS makes its store from its configuration: add the CA file to security.pki.certificateFiles and rebuild.',
  guix: 'Guix makes its store from its configuration: add the CA to the packages of the system and reconfigure.',
}

/** ID first, then what it is like. */
function distributionNames(osRelease: string): string[] {
  const value = (key: string) =>
    new RegExp(`^${key}=(.*)$`, 'm')
      .exec(osRelease)?.[1]
      ?.trim()
      .replace(/^(["'])(.*)\1$/, '$2') ?? ''
  return `${value('ID')} ${value('ID_LIKE')}`
    .toLowerCase()
    .split(/\s+/)
    .filter((name) => name !== '')
    .map((name) => name.replace(/^opensuse.*/, 'opensuse'))
}
