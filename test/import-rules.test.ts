import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { expect, test } from 'vitest'

/** The layers of docs/architecture.md: which runtime a folder's code may rely on, and what it may never import. */

const SRC = path.resolve(import.meta.dirname, '../src')
const ENGINE_ISLANDS = [
  'upstreams',
  'tls',
  'supervisor',
  'traffic',
  'tunnel',
  'discovery',
  'dns',
  'mdns',
  'phones',
  'observe',
]

interface Import {
  from: string
  to: string
  typeOnly: boolean
}

const LAYERS: { layer: RegExp; allowed: (entry: Import) => boolean }[] = [
  { layer: /^shared\//, allowed: ({ to }) => to === 'zod' || inside(to, 'shared/') },
  {
    layer: /^main\/engine\//,
    allowed: (entry) => inside(entry.to, 'shared/', 'main/engine/') || platformType(entry) || libraryButElectron(entry),
  },
  {
    layer: /^main\/platform\//,
    allowed: ({ to }) => inside(to, 'shared/', 'main/platform/') || isNode(to) || to === 'execa',
  },
  {
    layer: /^main\/app\//,
    allowed: ({ to }) => inside(to, 'shared/', 'main/app/') || isNode(to) || to.startsWith('electron'),
  },
  {
    layer: /^main\/host\//,
    allowed: (entry) =>
      inside(entry.to, 'shared/', 'main/engine/', 'main/platform/', 'main/host/') || libraryButElectron(entry),
  },
  {
    layer: /^main\/cli\//,
    allowed: (entry) =>
      inside(entry.to, 'shared/', 'main/engine/', 'main/platform/', 'main/host/', 'main/cli/') ||
      libraryButElectron(entry),
  },
  {
    layer: /^main\/index\.ts$/,
    allowed: ({ to }) => inside(to, 'main/app/', 'main/platform/platform.') || to === 'electron' || isNode(to),
  },
  {
    layer: /^main\/(engine-process|cli)\.ts$/,
    allowed: (entry) =>
      inside(entry.to, 'shared/', 'main/engine/', 'main/platform/', 'main/host/', 'main/cli/') ||
      libraryButElectron(entry),
  },
  { layer: /^preload\//, allowed: ({ to }) => inside(to, 'shared/', 'preload/') || to === 'electron' },
  {
    layer: /^renderer\//,
    allowed: ({ to }) =>
      inside(to, 'shared/', 'renderer/') || (!isNode(to) && !to.startsWith('electron') && !local(to)),
  },
]

test('every file imports only what its layer may', () => {
  const offences = imports().filter((entry) => {
    const rule = LAYERS.find(({ layer }) => layer.test(entry.from))
    return rule === undefined || !rule.allowed(entry)
  })
  expect(offences).toEqual([])
})

test('the islands of the engine never import each other', () => {
  const island = (file: string) => ENGINE_ISLANDS.find((name) => file.startsWith(`main/engine/${name}/`))
  const offences = imports().filter(
    ({ from, to }) => island(from) !== undefined && island(to) !== undefined && island(from) !== island(to),
  )
  expect(offences).toEqual([])
})

test('process.platform is read in one place', () => {
  const readers = sources().filter((file) => /\bprocess\.platform\b/.test(readFileSync(path.join(SRC, file), 'utf8')))
  expect(readers.filter((file) => file !== 'main/platform/platform.ts')).toEqual([])
})

function sources(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
}

function imports(): Import[] {
  return sources().flatMap((from) => {
    const text = readFileSync(path.join(SRC, from), 'utf8')
    const found = [...text.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)]
    const lazy = [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map((match) => ({
      to: match[1]!,
      typeOnly: false,
    }))
    return [...found.map((match) => ({ to: match[2]!, typeOnly: match[1] !== undefined })), ...lazy].map(
      ({ to, typeOnly }) => ({
        from,
        to: to.startsWith('.') ? path.posix.join(path.posix.dirname(from), to) : to,
        typeOnly,
      }),
    )
  })
}

function inside(to: string, ...folders: string[]): boolean {
  return folders.some((folder) => to.startsWith(folder))
}

function local(to: string): boolean {
  return inside(to, 'shared/', 'main/', 'preload/', 'renderer/')
}

function isNode(to: string): boolean {
  return to.startsWith('node:') || builtinModules.includes(to)
}

function libraryButElectron({ to }: Import): boolean {
  return !local(to) && !to.startsWith('electron')
}

function platformType({ to, typeOnly }: Import): boolean {
  return typeOnly && to.startsWith('main/platform/platform')
}
