import type { Step } from '../../../shared/plan.js'
import { saidBy } from '../plan/run-program.js'
import type { Machine } from './machine.js'
import { certificatesIn, type TrustCa } from './pem.js'
import type { Look, TrustEntry, TrustStore } from './trust-store.js'

/** A keychain of macOS, and whose trust settings go with it. */
interface Keychain {
  id: string
  title: string
  file: string
  /** settings of the whole machine, which an administrator changes */
  admin: boolean
}

const SECURITY = '/usr/bin/security'

/**
 * The login keychain, and the one of the system. The first is what is changed unless told otherwise: since macOS 11
 * the rights of root alone do not change the trust of the whole machine, so the system asks for a password in any case,
 * and for one more if the change was begun through `do shell script … with administrator privileges`, where it cannot.
 */
export function keychainStores(machine: Machine): TrustStore[] {
  const keychains: Keychain[] = [
    {
      id: 'macos-login',
      title: 'macOS login keychain',
      file: `${machine.home}/Library/Keychains/login.keychain-db`,
      admin: false,
    },
    { id: 'macos-system', title: 'macOS system keychain', file: '/Library/Keychains/System.keychain', admin: true },
  ]
  return keychains.map((keychain) => ({
    id: keychain.id,
    title: keychain.title,
    optional: keychain.admin,
    look: (ca) => look(machine, keychain, ca),
    additions: async (ca) => [addition(keychain, ca)],
    removals: async (entries) => entries.map((entry) => removal(keychain, entry)),
  }))
}

async function look(machine: Machine, { file }: Keychain, ca: TrustCa): Promise<Look> {
  const list = await machine.run(SECURITY, ['find-certificate', '-a', '-Z', '-p', file])
  // A keychain without any certificate is an error to it.
  if (list.exitCode !== 0 && !/could not be found/i.test(list.stderr)) {
    return { found: false, known: false, because: `security: ${saidBy(list)}` }
  }
  const found = certificatesIn(list.stdout).filter((one) => one.isPortico || one.fingerprint === ca.fingerprint)
  const entries: TrustEntry[] = []
  for (const { fingerprint, name, sha1 } of found) {
    const trusted = fingerprint !== ca.fingerprint || (await isTrusted(machine, ca))
    const remark = trusted ? {} : { remark: 'it is in the keychain, but not trusted' }
    entries.push({ fingerprint, name, place: sha1.replaceAll(':', ''), trusted, ...remark })
  }
  return { found: true, entries }
}

/** `-l` because it is an authority and no leaf, `-L` to ask nobody on the network. */
async function isTrusted(machine: Machine, ca: TrustCa): Promise<boolean> {
  return (await machine.run(SECURITY, ['verify-cert', '-c', ca.file, '-p', 'ssl', '-l', '-L'])).exitCode === 0
}

function addition({ file, admin, title }: Keychain, ca: TrustCa): Step {
  return {
    kind: 'command',
    program: SECURITY,
    args: ['add-trusted-cert', ...(admin ? ['-d'] : []), '-r', 'trustRoot', '-k', file, ca.file],
    elevated: admin,
    why: `Puts the CA into the ${title} and trusts it. macOS asks for the password by itself.`,
  }
}

/** By its hash, which is that of the very entry found; its trust settings go with it. */
function removal({ file, admin, title }: Keychain, { place }: TrustEntry): Step {
  return {
    kind: 'command',
    program: SECURITY,
    args: ['delete-certificate', '-Z', place, '-t', file],
    elevated: admin,
    why: `Takes the CA out of the ${title}.`,
  }
}
