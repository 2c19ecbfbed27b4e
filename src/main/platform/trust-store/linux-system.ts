import path from 'node:path'
import type { Step } from '../../../shared/plan.js'
import { LINUX_FAMILIES, type LinuxFamily, linuxTrust } from './linux-families.js'
import { exists, type Machine, namesIn, readText } from './machine.js'
import { certificatesIn, shortFingerprint, type TrustCa } from './pem.js'
import { absentStore, type TrustEntry, type TrustStore } from './trust-store.js'

/** The family of this machine's distribution; null when it has none that can be changed. */
export async function linuxFamily(machine: Machine): Promise<LinuxFamily | null> {
  return (await familyOrReason(machine)).family
}

/** What curl, OpenSSL, Python and most other programs of a Linux system trust. */
export async function linuxSystemStore(machine: Machine): Promise<TrustStore> {
  const trust = await familyOrReason(machine)
  if (trust.family === null) return absentStore('system', 'System store', trust.because)
  const { family } = trust
  return {
    id: family.id,
    title: family.title,
    optional: false,
    look: async (ca) => ({ found: true, entries: await entriesOf(machine, family, ca) }),
    additions: async (ca, entries) => additions(family, ca, entries),
    removals: (entries) => removals(machine, family, entries),
  }
}

async function familyOrReason(machine: Machine) {
  const anchors = LINUX_FAMILIES.map((family) => family.anchors)
  const there = await Promise.all(anchors.map(async (folder) => ((await exists(machine, folder)) ? [folder] : [])))
  return linuxTrust((await readText(machine, '/etc/os-release')) ?? '', new Set(there.flat()))
}

async function entriesOf(machine: Machine, family: LinuxFamily, ca: TrustCa): Promise<TrustEntry[]> {
  const wanted = (one: { fingerprint: string; isPortico: boolean }) =>
    one.isPortico || one.fingerprint === ca.fingerprint
  const bundled = certificatesIn((await readText(machine, family.bundle)) ?? '').filter(wanted)
  const inBundle = new Set(bundled.map(({ fingerprint }) => fingerprint))
  const anchored: TrustEntry[] = []
  for (const name of await namesIn(machine, family.anchors)) {
    const file = path.posix.join(family.anchors, name)
    const found = certificatesIn((await readText(machine, file)) ?? '')
    for (const { fingerprint, name: subject } of found.filter(wanted)) {
      const trusted = inBundle.has(fingerprint)
      const remark =
        found.length > 1 ? SHARED_FILE : trusted ? {} : { remark: `${family.refresh.program} has not run since` }
      anchored.push({ fingerprint, name: subject, place: file, trusted, ...remark })
    }
  }
  const elsewhere = bundled.filter(({ fingerprint }) => !anchored.some((entry) => entry.fingerprint === fingerprint))
  return [
    ...anchored,
    ...elsewhere.map(({ fingerprint, name }) => ({
      fingerprint,
      name,
      place: family.bundle,
      trusted: true,
      ...FOREIGN,
    })),
  ]
}

const SHARED_FILE = { remark: 'its file has other certificates too' }
const FOREIGN = { remark: 'put there by other means' }

function additions(family: LinuxFamily, ca: TrustCa, entries: readonly TrustEntry[]): Step[] {
  const anchored = entries.some(({ fingerprint, place }) => fingerprint === ca.fingerprint && place !== family.bundle)
  const file = path.posix.join(family.anchors, `portico-${shortFingerprint(ca.fingerprint)}.crt`)
  const write: Step = {
    kind: 'write-file',
    path: file,
    content: `${ca.pem}\n`,
    mode: 0o644,
    elevated: true,
    why: 'The certificate of the local CA, without its key.',
  }
  return [...(anchored ? [] : [write]), refresh(family)]
}

async function removals(machine: Machine, family: LinuxFamily, entries: readonly TrustEntry[]): Promise<Step[]> {
  const byHand = entries.filter(({ remark }) => remark === SHARED_FILE.remark || remark === FOREIGN.remark)
  const files = entries.filter((entry) => !byHand.includes(entry)).map(({ place }) => place)
  const notes = byHand.map(({ fingerprint, place }): Step => ({ kind: 'note', text: handRemoval(fingerprint, place) }))
  if (files.length === 0) return notes
  const debian = family.id === 'debian' ? await debianLeftovers(machine, family, files) : { before: [], after: [] }
  const why = 'The certificate of the local CA.'
  return [
    ...files.map((file): Step => ({ kind: 'remove-file', path: file, elevated: true, why })),
    ...debian.before,
    refresh(family, family.id === 'alpine' ? ['--fresh'] : []),
    ...debian.after,
    ...notes,
  ]
}

function handRemoval(fingerprint: string, place: string): string {
  return `${place} has the CA ${shortFingerprint(fingerprint)} by other means than Portico's; take it out by hand.`
}

function refresh({ refresh: { program, args }, bundle }: LinuxFamily, more: string[] = []): Step {
  const why = `Makes ${bundle} anew, which programs read.`
  return { kind: 'command', program, args: [...args, ...more], elevated: true, refresh: true, why }
}

const DEBIAN_LINKS = '/etc/ssl/certs'
const JAVA_HOOK = '/etc/ca-certificates/update.d/jks-keystore'

/**
 * Debian's update-ca-certificates leaves the links of a certificate that has gone, and does not tell its hooks of it,
 * unless it makes everything anew; which then puts today's date on every entry of Java's keystore.
 */
async function debianLeftovers(machine: Machine, { anchors }: LinuxFamily, files: readonly string[]) {
  const links = files.map((file) => `${DEBIAN_LINKS}/${debianLink(path.posix.relative(anchors, file))}`)
  const before: Step[] = [
    ...links.map(
      (link): Step => ({ kind: 'remove-file', path: link, elevated: true, why: 'The link that leads to it.' }),
    ),
    {
      kind: 'command',
      program: '/usr/bin/openssl',
      args: ['rehash', DEBIAN_LINKS],
      elevated: true,
      refresh: true,
      why: 'The links by which OpenSSL finds a certificate.',
    },
  ]
  const tellJava: Step = {
    kind: 'command',
    program: JAVA_HOOK,
    args: [],
    stdin: links.map((link) => `-${link}\n`).join(''),
    elevated: true,
    why: "Takes it out of Java's keystore, which follows the system's.",
  }
  return { before, after: (await exists(machine, JAVA_HOOK)) ? [tellJava] : [] }
}

/** Whether Debian keeps a keystore for Java in step with the system's store. */
export function debianFollowsJava(machine: Machine): Promise<boolean> {
  return exists(machine, JAVA_HOOK)
}

/** As update-ca-certificates names its links. */
function debianLink(file: string): string {
  const name = path.posix.basename(file).replace(/\.crt$/, '')
  return `${name.replaceAll(' ', '_').replace(/[()]/g, '=').replaceAll(',', '_')}.pem`
}
