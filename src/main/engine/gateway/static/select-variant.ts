import type { Representation } from './file-reply.js'
import { CODINGS, rankEncodings } from './negotiate-encoding.js'
import { type OpenFile, openInside } from './open-inside.js'

/** File systems keep times as coarsely as this; a sibling older than its original by more is left over from a past build. */
const STALE_AFTER_NS = 2_000_000_000n

/**
 * Chooses between a file and its precompressed siblings. Takes over the handle of `identity`: it is closed unless it
 * is the one returned.
 * @param root real path of the root
 * @param segments names of the file below the root
 * @returns null when nothing that exists is acceptable to the client
 */
export async function selectVariant(
  root: string,
  segments: string[],
  identity: OpenFile,
  acceptEncoding: string | undefined,
): Promise<Pick<Representation, 'file' | 'coding'> | null> {
  let chosen: OpenFile | null = null
  try {
    for (const coding of rankEncodings(acceptEncoding)) {
      if (coding === 'identity') chosen = identity
      else
        chosen = await openSibling(
          root,
          segments,
          CODINGS.find((entry) => entry.coding === coding)!.extension,
          identity,
        )
      if (chosen !== null) return { file: chosen, coding }
    }
    return null
  } finally {
    if (chosen !== identity) await identity.handle.close()
  }
}

/** A sibling that cannot be read, is empty or is out of date does not exist: the original is there to be served. */
async function openSibling(
  root: string,
  segments: string[],
  extension: string,
  original: OpenFile,
): Promise<OpenFile | null> {
  const opened = await openInside(root, segments.with(-1, segments.at(-1)! + extension))
  if (opened.kind !== 'file') return null
  const { handle, stats } = opened.file
  if (stats.size > 0n && stats.mtimeNs + STALE_AFTER_NS >= original.stats.mtimeNs) return opened.file
  await handle.close()
  return null
}
