import { readdir, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import type { FileFacts } from '../../../shared/doctor-facts.js'

/** Enough for every host of a large config. */
const MOST = 2_000
/** What holds keys or who is logged in, by its name. */
const SECRET = /\.key$|\.sealed$|^key\.pem$|^panel-sessions\.json$/

/** A data directory, the secrets in it and the folders on the way to them, with who may have them. */
export async function findPrivateFiles(dataDir: string): Promise<FileFacts[]> {
  const secrets = (await namesBelow(dataDir)).filter((name) => SECRET.test(path.basename(name))).slice(0, MOST)
  const names = new Set(['', ...secrets.flatMap((name) => [...foldersAbove(name), name])])
  const facts = await Promise.all([...names].map((name) => factsOf(path.join(dataDir, name))))
  return facts.filter((one) => one !== null)
}

/** Somebody may keep a site or a project in there: what is beside the way is theirs. */
function foldersAbove(name: string): string[] {
  const folder = path.dirname(name)
  return folder === '.' ? [] : [...foldersAbove(folder), folder]
}

async function namesBelow(dataDir: string): Promise<string[]> {
  try {
    return (await readdir(dataDir, { recursive: true })).sort()
  } catch {
    return [] // there is none yet
  }
}

async function factsOf(file: string): Promise<FileFacts | null> {
  try {
    const { mode, uid } = await stat(file)
    const folder = (mode & 0o170000) === 0o040000
    return { path: file, folder, mode: mode & 0o777, own: uid === (process.getuid?.() ?? uid) }
  } catch {
    return null // it went meanwhile
  }
}

/** By the magic numbers of statfs(2). */
const NETWORK = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9P'],
])

export async function findNetworkFileSystem(folder: string): Promise<string | null> {
  try {
    return NETWORK.get((await statfs(folder)).type) ?? null
  } catch {
    return null
  }
}
