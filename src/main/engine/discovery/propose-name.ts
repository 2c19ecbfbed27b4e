import { appHosts, type Config, panelHost } from '../../../shared/config.js'

/** What is known of an app that has no name yet; each null when unknown. */
export interface NameSources {
  /** `name` of its package.json */
  packageName: string | null
  /** name of its folder, without path */
  folderName: string | null
  /** its program */
  command: string | null
  port: number
}

const MAX_LENGTH = 63
/** What runs apps, or stands before them, and names none. Versions are left off. */
const RUNTIMES: ReadonlySet<string> = new Set([
  'beam.smp',
  'bun',
  'com.docke', // macOS cuts it
  'com.docker.backend',
  'deno',
  'docker-proxy',
  'dotnet',
  'java',
  'node',
  'nodejs',
  'php',
  'php-fpm',
  'python',
  'pythonw',
  'rootlessport',
  'ruby',
  'the windows http service (http.sys)',
  'tsx',
  'wslrelay',
])

/** A valid name for an app that is not in `taken`, with -2, -3 … where it has to be. */
export function proposeName(
  { packageName, folderName, command, port }: NameSources,
  taken: ReadonlySet<string>,
): string {
  const program = command === null || RUNTIMES.has(withoutVersion(command).toLowerCase()) ? null : command
  const wished = [packageName?.replace(/^@[^/]*\//, ''), folderName, program]
  const name = wished.map((text) => validName(text ?? '')).find((text) => text !== '') ?? `app-${port}`
  for (let count = 1; ; count++) {
    const unique = count === 1 ? name : withSuffix(name, `-${count}`)
    if (!taken.has(unique)) return unique
  }
}

/** Names that no further app can have: those of the apps, and those whose host another app or the panel answers to. */
export function takenNames({ apps, panel }: Pick<Config, 'apps' | 'panel'>): Set<string> {
  const hosts = [...apps.flatMap(appHosts), panelHost(panel) ?? '']
  const fromHosts = hosts.flatMap((host) => /^([^.]+)\.localhost$/.exec(host)?.[1] ?? [])
  return new Set([...apps.map(({ name }) => name), ...fromHosts])
}

/** The text in the letters of an app's name; empty when none of it can be kept. */
function validName(text: string): string {
  const letters = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
  return trimHyphens(trimHyphens(letters).slice(0, MAX_LENGTH))
}

function withoutVersion(program: string): string {
  return program.replace(/[\d.]+$/, '')
}

function withSuffix(name: string, suffix: string): string {
  return trimHyphens(name.slice(0, MAX_LENGTH - suffix.length)) + suffix
}

function trimHyphens(text: string): string {
  return text.replace(/^-+|-+$/g, '')
}
