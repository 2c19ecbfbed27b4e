import type { Step } from '../../../shared/plan.js'
import { saidBy } from '../plan/run-program.js'
import type { JavaPlace } from './java-places.js'
import { debianFollowsJava } from './linux-system.js'
import { LookMemory } from './look-memory.js'
import type { Machine } from './machine.js'
import { certificatesIn, shortFingerprint, type TrustCa } from './pem.js'
import type { Look, TrustEntry, TrustStore } from './trust-store.js'

/** The keystore that Debian makes from its system store. */
const DEBIAN_KEYSTORE = '/etc/ssl/certs/java/cacerts'
const DEBIAN_ALIAS = /^debian:/
const PASSWORD = 'changeit'

/** What Java programs trust, as keytool changes it. @param memory spares asking keytool of a keystore that is the same */
export function javaStore(machine: Machine, place: JavaPlace, memory = new LookMemory()): TrustStore {
  const { keystore } = place
  const follows = async (alongside: ReadonlySet<string>) =>
    keystore === DEBIAN_KEYSTORE && alongside.has('debian') && (await debianFollowsJava(machine))
  return {
    id: `java:${keystore}`,
    title: `Java (${keystore})`,
    optional: false,
    look: (ca) => memory.of(machine.root + keystore, ca.fingerprint, () => look(machine, place, ca)),
    additions: async (ca, _entries, alongside) => ((await follows(alongside)) ? [FOLLOWS] : [addition(place, ca)]),
    removals: async (entries, alongside) => {
      const follow = await follows(alongside)
      const steps = entries.map((entry) =>
        follow && DEBIAN_ALIAS.test(entry.place) ? FOLLOWS : removal(place, entry.place),
      )
      return [...new Set(steps)]
    },
  }
}

const FOLLOWS: Step = { kind: 'note', text: "Debian keeps Java's keystore in step with the system store." }

function keytool({ keystore }: JavaPlace, command: string, ...args: string[]): string[] {
  // What it prints is looked through, so it must not be in the person's language.
  return ['-J-Duser.language=en', command, '-keystore', keystore, '-storepass', PASSWORD, ...args]
}

async function look(machine: Machine, place: JavaPlace, ca: TrustCa): Promise<Look> {
  const list = await machine.run(place.keytool, keytool(place, '-list', '-rfc'), { timeoutMs: 60_000 })
  if (list.exitCode !== 0) return { found: false, known: false, because: `keytool: ${saidBy(list)}` }
  const entries = readAliases(list.stdout).flatMap(({ alias, pem }): TrustEntry[] => {
    const [found] = certificatesIn(pem)
    if (found === undefined || (!found.isPortico && found.fingerprint !== ca.fingerprint)) return []
    return [{ fingerprint: found.fingerprint, name: found.name, place: alias, trusted: true }]
  })
  return { found: true, entries }
}

/** The entries in what `keytool -list -rfc` prints. */
export function readAliases(list: string): { alias: string; pem: string }[] {
  return list
    .split(/^Alias name: /m)
    .slice(1)
    .map((part) => {
      const end = part.search(/\r?\n/)
      return { alias: part.slice(0, end), pem: part.slice(end) }
    })
}

function addition(place: JavaPlace, ca: TrustCa): Step {
  const alias = `portico-${shortFingerprint(ca.fingerprint)}`
  return {
    kind: 'command',
    program: place.keytool,
    args: keytool(place, '-importcert', '-noprompt', '-alias', alias),
    stdin: `${ca.pem}\n`,
    elevated: place.elevated,
    why: 'Puts the CA among those that Java trusts.',
    undo: { program: place.keytool, args: keytool(place, '-delete', '-alias', alias) },
  }
}

function removal(place: JavaPlace, alias: string): Step {
  const args = keytool(place, '-delete', '-alias', alias)
  return { kind: 'command', program: place.keytool, args, elevated: place.elevated, why: "Takes the CA out of Java's." }
}
