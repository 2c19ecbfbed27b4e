import type { Step } from '../../../shared/plan.js'
import { saidBy } from '../plan/run-program.js'
import { exists, type Machine, readText } from './machine.js'
import { PORTICO_ORGANIZATION, type TrustCa } from './pem.js'
import type { Look, TrustEntry, TrustStore } from './trust-store.js'

const CERTUTIL = 'C:\\Windows\\System32\\certutil.exe'
const CERTUTIL_IN_WSL = '/mnt/c/Windows/System32/certutil.exe'

interface WindowsStore {
  id: string
  title: string
  /** before certutil's verb */
  scope: readonly string[]
  elevated: boolean
  optional: boolean
  certutil: string
}

/** The root certificates of Windows: those of the person, and those of the machine. */
export function windowsStores(machine: Machine): TrustStore[] {
  const certutil = machine.env.SystemRoot === undefined ? CERTUTIL : `${machine.env.SystemRoot}\\System32\\certutil.exe`
  const user = { id: 'windows-user', title: 'Windows, this user', scope: ['-user'], elevated: false, optional: false }
  const all = { id: 'windows-machine', title: 'Windows, all users', scope: [], elevated: true, optional: true }
  return [user, all].map((store) => rootStore(machine, { ...store, certutil }))
}

/** The Windows that a WSL distribution runs in, whose browsers are the ones that people use there. */
export async function wslStores(machine: Machine): Promise<TrustStore[]> {
  const kernel = (await readText(machine, '/proc/version')) ?? ''
  if (!/microsoft/i.test(kernel) || !(await exists(machine, CERTUTIL_IN_WSL))) return []
  const store = { id: 'windows-user', title: 'Windows around WSL, this user', scope: ['-user'], elevated: false }
  return [rootStore(machine, { ...store, optional: false, certutil: CERTUTIL_IN_WSL })]
}

function rootStore(machine: Machine, store: WindowsStore): TrustStore {
  const { id, title, optional, certutil, scope, elevated } = store
  return {
    id,
    title,
    optional,
    look: (ca) => look(machine, store, ca),
    additions: async (ca) => {
      const why = `Puts the CA among the roots of ${title}.${elevated ? '' : ' Windows asks whether you mean it.'}`
      const args = [...scope, '-addstore', 'Root', await windowsPath(machine, store, ca.file)]
      return [{ kind: 'command', program: certutil, args, elevated, why }]
    },
    removals: async (entries) =>
      entries.map(({ place }): Step => {
        const why = `Takes the CA out of the roots of ${title}.`
        return { kind: 'command', program: certutil, args: [...scope, '-delstore', 'Root', place], elevated, why }
      }),
  }
}

async function look(machine: Machine, { certutil, scope }: WindowsStore, ca: TrustCa): Promise<Look> {
  const list = await machine.run(certutil, [...scope, '-store', 'Root'])
  if (list.exitCode !== 0) return { found: false, known: false, because: `certutil: ${saidBy(list)}` }
  return { found: true, entries: readRootStore(list.stdout, ca) }
}

/**
 * Portico's entries in what `certutil -store Root` prints. Its words are in the language of Windows; what is not, is
 * the rule of `=` above each entry, `(sha1):` and names.
 */
export function readRootStore(list: string, ca: Pick<TrustCa, 'fingerprint' | 'sha1'>): TrustEntry[] {
  return list.split(/^={4,}.*={4,}\s*$/m).flatMap((part) => {
    const hash = /\(sha1\)\s*:\s*((?:[0-9a-f]{2} ?){20})/i.exec(part)?.[1]?.replaceAll(' ', '').toUpperCase()
    if (hash === undefined) return []
    const ours = hash === ca.sha1.replaceAll(':', '')
    if (!ours && !part.includes(`O=${PORTICO_ORGANIZATION}`)) return []
    const name = /CN=([^,\r\n]+)/.exec(part)?.[1]?.trim() ?? ''
    return [{ fingerprint: ours ? ca.fingerprint : `SHA1:${hash}`, name, place: hash, trusted: true }]
  })
}

/** As Windows names a file of the distribution: `\\\\wsl.localhost\\…`. */
async function windowsPath(machine: Machine, { certutil }: WindowsStore, file: string): Promise<string> {
  if (certutil !== CERTUTIL_IN_WSL) return file
  const { exitCode, stdout } = await machine.run('wslpath', ['-w', file])
  return exitCode === 0 ? stdout.trim() : file
}
