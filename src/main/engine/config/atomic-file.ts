import { randomBytes } from 'node:crypto'
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../../shared/fault.js'

export interface AtomicWrite {
  /** permissions of a file that is not there yet; one that is keeps its own. Default 0600 */
  mode?: number
  /** keep the content that is replaced as `<file>.bak`. Default false */
  backup?: boolean
  /** asked right before the swap; false leaves everything as it was */
  stillWanted?: () => Promise<boolean>
}

/**
 * Replaces a file as a whole: temporary file in the same folder, fsync, rename, fsync of the folder. Whatever happens
 * in between, a power cut included, the file is the old or the new one and never a part. A symbolic link is followed,
 * so that the file it leads to is replaced and not the link. Folders that are missing are made (0700).
 * @returns false when `stillWanted` said no
 * @throws Fault config-unwritable, with nothing left behind
 */
export async function writeAtomically(file: string, text: string, options: AtomicWrite = {}): Promise<boolean> {
  const target = await realTarget(file)
  const prepared: Prepared[] = []
  try {
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 })
    const old = await stat(target).catch(nullIfMissing)
    const mode = old === null ? (options.mode ?? 0o600) : old.mode & 0o777
    if (options.backup === true && old !== null) {
      prepared.push(await prepare(`${target}.bak`, await readFile(target), mode, old))
    }
    prepared.push(await prepare(target, text, mode, old))
    const wanted = options.stillWanted === undefined || (await options.stillWanted())
    if (wanted) for (const { temporary, destination } of prepared) await renameOver(temporary, destination)
    if (wanted) await syncFolder(path.dirname(target))
    return wanted
  } catch (error) {
    throw unwritable(target, error)
  } finally {
    for (const { temporary } of prepared) await rm(temporary, { force: true })
  }
}

/** Removes what writers of this file left behind when they were killed; those still running keep theirs. */
export async function removeDebris(file: string): Promise<void> {
  const target = await realTarget(file)
  const [folder, prefix] = [path.dirname(target), `.${path.basename(target)}`]
  const pattern = /^(?:\.bak)?\.(\d+)-[0-9a-f]{12}\.tmp$/
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(prefix) ? pattern.exec(name.slice(prefix.length))?.[1] : undefined
    if (pid !== undefined && !isRunning(Number(pid))) await rm(path.join(folder, name), { force: true })
  }
}

/** Where a write has to go: through links, also through one that leads to nothing yet. */
async function realTarget(file: string, hops = 0): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || hops > 16) throw unwritable(file, error)
  }
  const entry = await lstat(file).catch(nullIfMissing)
  if (entry === null || !entry.isSymbolicLink()) return path.resolve(file)
  return realTarget(path.resolve(path.dirname(file), await readlink(file)), hops + 1)
}

interface Owner {
  uid: number
  gid: number
}

interface Prepared {
  temporary: string
  destination: string
}

async function prepare(
  destination: string,
  content: string | Buffer,
  mode: number,
  owner: Owner | null,
): Promise<Prepared> {
  const name = `.${path.basename(destination)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  const temporary = path.join(path.dirname(destination), name)
  try {
    await writeSynced(temporary, content, mode, owner)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return { temporary, destination }
}

async function writeSynced(file: string, content: string | Buffer, mode: number, owner: Owner | null): Promise<void> {
  const handle = await open(file, 'wx', mode)
  try {
    await handle.writeFile(content)
    // open() subtracts the umask, but a file that is replaced keeps exactly the permissions it had.
    if (owner !== null) await handle.chmod(mode)
    if (owner !== null) await keepOwner(handle, owner)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A gateway started as root must not take a user's config away from him. */
async function keepOwner(handle: FileHandle, owner: Owner): Promise<void> {
  const own = await handle.stat()
  if (process.getuid?.() === 0 && (own.uid !== owner.uid || own.gid !== owner.gid)) {
    await handle.chown(owner.uid, owner.gid)
  }
}

/** On Windows a virus scanner or an editor may hold the old file for a moment. */
async function renameOver(from: string, to: string): Promise<void> {
  for (const pause of [20, 100, 300]) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (!['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))) throw error
      await delay(pause)
    }
  }
  await rename(from, to)
}

/** Makes the rename itself survive a power cut. Windows and some network file systems have no such call. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    if (!['EPERM', 'EISDIR', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(codeOf(error))) throw error
  }
}

function nullIfMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function unwritable(file: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  const folder = path.dirname(file)
  const remedies: Record<string, string> = {
    EACCES: `Give your user the right to write into ${folder}, or name another file with --config.`,
    EPERM: `Give your user the right to write into ${folder}, or name another file with --config.`,
    EROFS: `${folder} is on a read-only file system: name another file with --config.`,
    ENOSPC: 'Free some space on that disk and try again; the file is unchanged.',
    EDQUOT: 'Free some of your disk quota and try again; the file is unchanged.',
    EBUSY: `The file can not be replaced where it is mounted: mount its folder ${folder} instead of the file.`,
    EMFILE: 'Too many files are open: raise the limit (ulimit -n) or stop some apps and try again.',
    ENFILE: 'Too many files are open on this machine: stop some programs and try again.',
    ELOOP: 'Its symbolic links lead in a circle: replace them with a file.',
  }
  const code = codeOf(error)
  const reason = error instanceof Error ? error.message : String(error)
  return new Fault(
    'config-unwritable',
    `${file} can not be written: ${reason}.`,
    remedies[code] ?? `Check ${folder}.`,
    {
      cause: error,
    },
  )
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? ''
}
