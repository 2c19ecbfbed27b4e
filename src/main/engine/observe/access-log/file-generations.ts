import { createReadStream, createWriteStream } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** A file that was written before: `access.log.1` is the latest, `access.log.2.gz` an older one that was packed. */
interface Generation {
  name: string
  number: number
  packed: boolean
}

/**
 * Moves a file that is full out of the way: it becomes number 1, the others move on by one, and those beyond `keep` are
 * removed.
 *
 * @param file absolute; nobody has it open for writing
 */
export async function turnOver(file: string, keep: number): Promise<void> {
  const folder = path.dirname(file)
  const generations = generationsOf(path.basename(file), await readdir(folder))
  for (const { name, number, packed } of generations.sort((a, b) => b.number - a.number)) {
    const from = path.join(folder, name)
    if (number >= keep) await rm(from, { force: true })
    else await rename(from, `${file}.${number + 1}${packed ? '.gz' : ''}`)
  }
  if (keep === 0) await rm(file, { force: true })
  else await rename(file, `${file}.1`).catch(ignoreMissing)
}

/** Packs the latest generation. What is half packed has another name until it is whole. */
export async function packLatest(file: string): Promise<void> {
  const plain = `${file}.1`
  const part = `${file}.packing`
  await pipeline(createReadStream(plain), createGzip(), createWriteStream(part, { mode: 0o600 }))
  await rename(part, `${plain}.gz`)
  await rm(plain, { force: true })
}

function generationsOf(base: string, names: readonly string[]): Generation[] {
  return names.flatMap((name) => {
    if (!name.startsWith(`${base}.`)) return []
    const match = /^([1-9]\d{0,5})(\.gz)?$/.exec(name.slice(base.length + 1))
    return match === null ? [] : [{ name, number: Number(match[1]), packed: match[2] !== undefined }]
  })
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
