import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** What `electron-vite build` makes, the first and the last of it. */
const OUTPUTS = [
  'out/main/cli.js',
  'out/main/index.js',
  'out/main/engine-process.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
]
const INPUTS = ['src', 'resources', 'package.json', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.json']

/** True when a part of the build is missing, or older than anything that it is made of. */
export function buildNeeded(root: string): boolean {
  const built = Math.min(...OUTPUTS.map((file) => modified(path.join(root, file)) ?? Number.NEGATIVE_INFINITY))
  return INPUTS.some((input) => newest(path.join(root, input)) > built)
}

/** Folders count too: theirs is the time of the last file that was added, renamed or removed. */
function newest(entry: string): number {
  const own = modified(entry)
  if (own === null) return Number.NEGATIVE_INFINITY
  if (!statSync(entry).isDirectory()) return own
  return Math.max(own, ...readdirSync(entry).map((name) => newest(path.join(entry, name))))
}

function modified(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null
}
