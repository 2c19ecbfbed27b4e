import type { Step } from '../../../shared/plan.js'
import { saidBy } from '../plan/run-program.js'
import { exists, findProgram, type Machine } from './machine.js'
import type { NssPlace } from './nss-places.js'
import { certificatesIn, shortFingerprint, type TrustCa } from './pem.js'
import type { Look, TrustEntry, TrustStore } from './trust-store.js'

/** A browser's database of certificates, which NSS's certutil(1) changes. @param nssTools how to come by it */
export function nssStore(machine: Machine, place: NssPlace, nssTools: string): TrustStore {
  const tool = () => findCertutil(machine)
  return {
    id: place.id,
    title: place.title,
    optional: place.optional,
    look: async (ca) => {
      const certutil = await tool()
      if (certutil === null) return { found: false, known: false, because: `certutil is missing: ${nssTools}` }
      if (!(await exists(machine, `${place.folder}/cert9.db`))) return { found: true, entries: [] }
      return look(machine, certutil, place.folder, ca)
    },
    additions: async (ca, entries) => {
      const certutil = await tool()
      if (certutil === null) return [{ kind: 'note', text: `${place.title} needs certutil first: ${nssTools}` }]
      const made = await exists(machine, `${place.folder}/cert9.db`)
      return additions(certutil, place, { ca, entries, made })
    },
    removals: async (entries) => {
      const certutil = await tool()
      return certutil === null ? [] : entries.map((entry) => removal(certutil, place.folder, entry.place))
    },
  }
}

/** Gentoo calls it nsscertutil; Homebrew does not link its nss, and is not in the PATH of desktop apps. */
async function findCertutil(machine: Machine): Promise<string | null> {
  const found = await findProgram(machine, 'certutil', 'nsscertutil')
  if (found !== null || machine.platform !== 'darwin') return found
  for (const file of ['/opt/homebrew/opt/nss/bin/certutil', '/usr/local/opt/nss/bin/certutil']) {
    if (await exists(machine, file)) return file
  }
  return null
}

/** No password is asked for: at a terminal certutil would, and where one is needed it is the browser's to ask. */
const NO_PASSWORD = ['-f', '/dev/null']

async function look(machine: Machine, certutil: string, folder: string, ca: TrustCa): Promise<Look> {
  const list = await machine.run(certutil, ['-L', '-d', `sql:${folder}`])
  if (list.exitCode !== 0) return { found: false, known: false, because: `certutil: ${saidBy(list)}` }
  const entries: TrustEntry[] = []
  for (const { nickname, flags } of readNicknames(list.stdout)) {
    const { stdout } = await machine.run(certutil, ['-L', '-d', `sql:${folder}`, '-n', nickname, '-a'])
    for (const { fingerprint, name, isPortico } of certificatesIn(stdout)) {
      if (!isPortico && fingerprint !== ca.fingerprint) continue
      const trusted = /C/.test(flags.split(',')[0] ?? '')
      entries.push({
        fingerprint,
        name,
        place: nickname,
        trusted,
        ...(trusted ? {} : { remark: 'it is there without trust' }),
      })
    }
  }
  return { found: true, entries }
}

/** Nicknames and trust flags in the list that `certutil -L` prints. */
export function readNicknames(list: string): { nickname: string; flags: string }[] {
  return [...list.matchAll(/^(\S.*?)\s+([a-zA-Z]*,[a-zA-Z]*,[a-zA-Z]*)\s*$/gm)].map(
    ([, nickname = '', flags = '']) => ({
      nickname,
      flags,
    }),
  )
}

interface Wanted {
  ca: TrustCa
  entries: readonly TrustEntry[]
  /** whether the database is there already */
  made: boolean
}

function additions(certutil: string, { folder, title }: NssPlace, { ca, entries, made }: Wanted): Step[] {
  const database = `sql:${folder}`
  const present = entries.find(({ fingerprint }) => fingerprint === ca.fingerprint)
  const nickname = present?.place ?? `Portico ${shortFingerprint(ca.fingerprint)}`
  const step = (why: string, args: string[]) =>
    ({ kind: 'command', program: certutil, args, elevated: false, why }) as const
  const create: Step[] = [
    { kind: 'make-directory', path: folder, mode: 0o700, elevated: false, why: `${title} has no database yet.` },
    step('Makes the database, with an empty password, as the browser would.', [
      '-N',
      '-d',
      database,
      '--empty-password',
    ]),
  ]
  const add: Step = {
    ...step(`Puts the CA into the database of ${title}.`, [
      '-A',
      '-a',
      '-d',
      database,
      '-n',
      nickname,
      '-t',
      ',,',
      ...NO_PASSWORD,
    ]),
    stdin: `${ca.pem}\n`,
    undo: { program: certutil, args: ['-D', '-d', database, '-n', nickname] },
  }
  // Two steps, because a database with a password of its own takes a certificate without it, but no trust.
  const trust = step(
    'Trusts it for web sites. A database that has a password of its own refuses this: then import the CA in the browser.',
    ['-M', '-d', database, '-n', nickname, '-t', 'C,,', ...NO_PASSWORD],
  )
  return [...(made ? [] : create), ...(present === undefined ? [add] : []), trust]
}

function removal(certutil: string, folder: string, nickname: string): Step {
  const args = ['-D', '-d', `sql:${folder}`, '-n', nickname]
  return { kind: 'command', program: certutil, args, elevated: false, why: 'Takes the CA out of the database.' }
}
