import { copyFile, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../../shared/fault.js'
import { errorCode, makePrivateDirectory, syncDirectory, writePrivateFile } from './key-files.js'
import { parseCertificate } from './leaf.js'
import { nameConstraintsOf } from './name-constraints.js'
import { CERT, KEY, writeNewAuthority } from './new-authority.js'
import { addedNames, changedNames } from './permitted-names.js'

/** Certificates of former authorities, by the beginning of their fingerprint, for whoever must find them in a store. */
const PREVIOUS = 'previous'

/** What the next authority may vouch for, as compared with the one that it follows. */
export interface RotationChange {
  /** domains and addresses, as a person writes them */
  add?: readonly string[] | undefined
  remove?: readonly string[] | undefined
}

/**
 * Replaces the authority in `directory` by a new one. The key of the old one is destroyed, its certificate kept in
 * `previous/`. The new one is complete beside the old before anything is touched, and takes its place by renames that
 * `finishRotation` can finish: a crash leaves the old authority or the new one.
 *
 * @param now milliseconds since the epoch
 * @throws Fault `usage` for a domain that is none, `not-found` when there is no authority, `certificate-invalid` when
 * the new one cannot be written; the old one is as it was then
 */
export async function rotateAuthority(directory: string, now: number, change: RotationChange = {}): Promise<void> {
  await finishRotation(directory)
  const pem = await certificateIn(directory)
  const added = changedNames(addedNames(nameConstraintsOf(pem)), change)
  const { next } = placesOf(directory)
  const making = `${next}.tmp`
  try {
    await rm(making, { recursive: true, force: true })
    await rm(next, { recursive: true, force: true })
    await writeNewAuthority(making, now, added)
    await keepPrevious(directory, pem, making)
    await rename(making, next)
    await syncDirectory(path.dirname(directory))
    await swap(directory)
  } catch (error) {
    await Promise.all([making, next].map((left) => rm(left, { recursive: true, force: true })))
    throw new Fault(
      'certificate-invalid',
      `The local CA could not be replaced: ${error instanceof Error ? error.message : String(error)}.`,
      `Make ${path.dirname(directory)} a directory with free space that this user may write to.`,
      { cause: error },
    )
  }
}

/** Brings to its end what a crash has interrupted; does nothing otherwise. Rejects with the file system's error. */
export async function finishRotation(directory: string): Promise<void> {
  const { next, old } = placesOf(directory)
  if (await isThere(path.join(directory, CERT))) {
    await rm(old, { recursive: true, force: true })
    return
  }
  if (!(await isThere(path.join(next, CERT))) || (await isThere(directory))) return
  await renameUnlessGone(next, directory)
  await rm(old, { recursive: true, force: true })
  await syncDirectory(path.dirname(directory))
}

/** SHA-256 of the former authorities, colon-separated upper-case hex. Rejects when they cannot be read. */
export async function formerAuthorities(directory: string): Promise<string[]> {
  const folder = path.join(directory, PREVIOUS)
  const names = await previousIn(folder)
  const pems = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))
  return pems.flatMap((pem) => parseCertificate(pem)?.fingerprint256 ?? [])
}

async function swap(directory: string): Promise<void> {
  const { next, old } = placesOf(directory)
  await rm(old, { recursive: true, force: true })
  await rename(directory, old)
  try {
    await renameUnlessGone(next, directory)
  } catch (error) {
    await rename(old, directory)
    throw error
  }
  await syncDirectory(path.dirname(directory))
  await rm(path.join(old, KEY), { force: true })
  await rm(old, { recursive: true, force: true })
}

/** Names that nobody would give to a copy of their own: what lies there is deleted. */
function placesOf(directory: string): { next: string; old: string } {
  const place = path.join(path.dirname(directory), `.${path.basename(directory)}-rotation`)
  return { next: `${place}-next`, old: `${place}-old` }
}

/** Another process may have finished the rotation in the same moment. */
async function renameUnlessGone(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || !(await isThere(path.join(to, CERT)))) throw error
  }
}

async function certificateIn(directory: string): Promise<string> {
  const file = path.join(directory, CERT)
  const pem = await readFile(file, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') throw new Fault('not-found', `There is no local CA in ${directory} to replace.`)
    throw error
  })
  if (parseCertificate(pem) !== null) return pem
  throw new Fault('certificate-invalid', `${file} is not a certificate.`, 'Move that directory away, and start again.')
}

async function keepPrevious(directory: string, pem: string, into: string): Promise<void> {
  const [from, to] = [path.join(directory, PREVIOUS), path.join(into, PREVIOUS)]
  await makePrivateDirectory(to)
  for (const name of await previousIn(from)) await copyFile(path.join(from, name), path.join(to, name))
  const fingerprint = parseCertificate(pem)!.fingerprint256.replaceAll(':', '').slice(0, 16).toLowerCase()
  await writePrivateFile(path.join(to, `${fingerprint}.pem`), pem)
}

async function previousIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.pem'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false
    throw error
  }
}
