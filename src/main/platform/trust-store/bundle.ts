import { createHash } from 'node:crypto'
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import tls from 'node:tls'
import { REPLACING, trustVariables } from '../../../shared/trust-variables.js'
import { LINUX_FAMILIES } from './linux-families.js'
import { type Machine, readText } from './machine.js'
import { certificatesIn } from './pem.js'
import type { LocalCa } from './trust-keeper.js'

/**
 * The environment variables by which runtimes trust the local CA, with the bundle that some of them name made, or made
 * anew when what it is made of has changed. A bundle that the person's own environment names is kept in it.
 *
 * @param dataDir absolute; the bundle is at `ca/bundle.pem` there
 */
export async function runtimeVariables(
  machine: Machine,
  local: LocalCa,
  dataDir: string,
): Promise<Record<string, string>> {
  const bundle = path.join(dataDir, 'ca', 'bundle.pem')
  const extra = await ownBundles(machine, [bundle, local.certFile])
  await writeWhenChanged(bundle, await bundleText(machine, local, extra))
  const variables = trustVariables(local.certFile, bundle)
  // Node takes one file only: with one of the person's own it gets both.
  const { NODE_EXTRA_CA_CERTS: own } = machine.env
  return own === undefined || own === '' || own === local.certFile
    ? variables
    : { ...variables, NODE_EXTRA_CA_CERTS: bundle }
}

/** The system's roots, what the person added, and the CA; each certificate once. */
async function bundleText(machine: Machine, { pem }: LocalCa, extra: readonly string[]): Promise<string> {
  const system = await systemRoots(machine)
  const seen = new Set<string>()
  const blocks = [pem, ...extra, system].flatMap(blocksOf).filter((block) => !seen.has(block) && seen.add(block))
  return `${blocks.join('\n')}\n`
}

/** Without reading what is in them, which a hundred and fifty of them would take a while for. */
function blocksOf(text: string): string[] {
  return text.replaceAll('\r', '').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}

/** By what the distribution keeps, which may be newer and has what was added to it; else as Node finds them. */
async function systemRoots(machine: Machine): Promise<string> {
  if (machine.platform === 'linux') {
    for (const file of [...LINUX_FAMILIES.map(({ bundle }) => bundle), '/etc/ssl/cert.pem']) {
      const text = await readText(machine, file)
      if (text !== null && text !== '') return text
    }
  }
  const system = tls.getCACertificates('system')
  return (system.length > 0 ? system : tls.getCACertificates('bundled')).join('\n')
}

async function ownBundles(machine: Machine, ours: string[]): Promise<string[]> {
  const named = [...REPLACING, 'NODE_EXTRA_CA_CERTS'].map((name) => machine.env[name] ?? '')
  const files = [...new Set(named)].filter((file) => file !== '' && !ours.includes(file))
  const texts = await Promise.all(files.map((file) => readText(machine, file)))
  return texts.filter((text) => text !== null && certificatesIn(text).length > 0) as string[]
}

async function writeWhenChanged(file: string, text: string): Promise<void> {
  const present = await readFile(file, 'utf8').catch(() => null)
  if (present === text && (await lstat(file)).isFile()) return
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${createHash('sha256').update(`${process.pid}${performance.now()}`).digest('hex').slice(0, 12)}.tmp`
  try {
    await writeFile(temporary, text, { mode: 0o644, flag: 'wx' })
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
