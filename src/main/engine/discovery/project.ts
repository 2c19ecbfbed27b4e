import { readFile, stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { FRAMEWORKS, MANIFESTS, type Runtime } from './frameworks.js'
import { packagesIn, readPackageJson } from './manifests.js'
import type { FolderEvidence } from './recognise-framework.js'

/** What the folders of a server tell of it. */
export interface Project {
  /** `name` of the nearest package.json */
  packageName: string | null
  /** name of the folder; null for one that holds much more than a project */
  folderName: string | null
  /** the folder and those above it that belong to the same project, nearest first */
  folders: FolderEvidence[]
}

/** No manifest written by a person is larger; what is, would only cost time every time. */
const MAX_MANIFEST_BYTES = 1024 * 1024
const MAX_DEPTH = 16
const MARKERS = FRAMEWORKS.flatMap(({ file }) => file ?? [])

/**
 * Reads what a folder and its parents have of manifests. The root of the git repository is the last that is looked at;
 * the home directory and what is above it belong to no project.
 *
 * @param folder absolute; one that is gone or closed to this user tells its name only
 */
export async function readProject(folder: string, home = os.homedir()): Promise<Project> {
  const folders: FolderEvidence[] = []
  let packageName: string | null = null
  for (const place of await projectFolders(folder, home)) {
    const manifests = await readManifests(place)
    packageName ??= readPackageJson(manifests.get('package.json') ?? '')?.name ?? null
    folders.push({ packages: packagesByRuntime(manifests), files: await presentFiles(place) })
  }
  return { packageName, folderName: isShared(folder, home) ? null : path.basename(folder), folders }
}

async function projectFolders(folder: string, home: string): Promise<string[]> {
  const found: string[] = []
  for (let place = folder; !isShared(place, home) && found.length < MAX_DEPTH; place = path.dirname(place)) {
    found.push(place)
    if (await exists(path.join(place, '.git'))) break
  }
  return found
}

/** The root of a file system, the home directory and those above it. */
function isShared(folder: string, home: string): boolean {
  return folder === path.dirname(folder) || folder === home || home.startsWith(folder + path.sep)
}

async function readManifests(folder: string): Promise<Map<string, string>> {
  const files = Object.values(MANIFESTS).flat()
  const texts = await Promise.all(
    files.map(async (file) => [file, await readManifest(path.join(folder, file))] as const),
  )
  return new Map(texts.flatMap(([file, text]) => (text === null ? [] : [[file, text] as const])))
}

/** A pipe of that name would be waited for without end, so only regular files are opened. */
async function readManifest(file: string): Promise<string | null> {
  try {
    const entry = await stat(file)
    return entry.isFile() && entry.size <= MAX_MANIFEST_BYTES ? await readFile(file, 'utf8') : null
  } catch {
    return null // not there, or not for us: it tells nothing
  }
}

function packagesByRuntime(manifests: ReadonlyMap<string, string>): Map<Runtime, Set<string>> {
  const runtimes = Object.entries(MANIFESTS) as [Runtime, readonly string[]][]
  return new Map(
    runtimes.map(([runtime, files]) => [
      runtime,
      new Set(files.flatMap((file) => packagesIn(file, manifests.get(file) ?? ''))),
    ]),
  )
}

async function presentFiles(folder: string): Promise<Set<string>> {
  const present = await Promise.all(MARKERS.map((file) => exists(path.join(folder, file))))
  return new Set(MARKERS.filter((_, index) => present[index]))
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
