import { copyFile, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { errorCode, makePrivateDirectory, writePrivateFile } from './key-files.js'
import { parseCertificate } from './leaf.js'

/** Certificates of former authorities, by the beginning of their fingerprint, for whoever must find them in a store. */
const PREVIOUS = 'previous'

/** SHA-256 of the former authorities, colon-separated upper-case hex. Rejects when they cannot be read. */
export async function formerAuthorities(directory: string): Promise<string[]> {
  const folder = path.join(directory, PREVIOUS)
  const names = await previousIn(folder)
  const pems = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')))
  return pems.flatMap((pem) => parseCertificate(pem)?.fingerprint256 ?? [])
}

/** Puts the certificate of an authority, and those that it has kept, into the directory of the next. */
export async function keepPrevious(directory: string, pem: string, into: string): Promise<void> {
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
