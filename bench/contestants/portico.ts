import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildNeeded } from '../../scripts/build-state.ts'
import type { App, ConfigFile } from '../../src/shared/config.ts'
import { freePort, type Lab } from '../lab.ts'
import { PORTICO } from '../model.ts'
import type { Contestant, StartPlan } from './contestant.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const CLI = join(ROOT, 'out/main/cli.js')
const BUILD_TIMEOUT_MS = 180_000

export interface PorticoTrim {
  name?: string
  /** how many there are; the last is the one under load */
  apps?: number
  policies?: App['policies']
  /** whether requests are also written to a file, as lines of JSON */
  accessLog?: boolean
}

/** The built `portico serve` with its whole pipeline and its log of requests, as a user runs it. */
export function portico(backendPort: number, trim: PorticoTrim = {}): Contestant {
  return {
    name: trim.name ?? PORTICO,
    protocols: ['h1', 'h2'],
    missing: missingBuild,
    version: readVersion,
    plan: (lab, dir) => planPortico(lab, dir, porticoConfig(backendPort, lab, dir, trim)),
  }
}

/** The app under load is the last of them: what the others cost it is paid in full. */
function porticoConfig(
  backendPort: number,
  { certificate }: Lab,
  dir: string,
  { apps = 1, policies, accessLog = false }: PorticoTrim,
): ConfigFile {
  const { certFile, keyFile } = certificate
  const others = Array.from({ length: apps - 1 }, (_, index) => ({ name: `app-${index + 1}`, port: backendPort }))
  const loaded = { name: 'bench', hosts: ['localhost'], certificate: { certFile, keyFile }, port: backendPort }
  return {
    version: 1,
    ...(accessLog && { logging: { access: { file: join(dir, 'access.log') } } }),
    apps: [...others, { ...loaded, ...(policies !== undefined && { policies }) }],
  }
}

async function planPortico(_: Lab, dir: string, config: ConfigFile): Promise<StartPlan> {
  const file = join(dir, 'config.json')
  const dataDir = join(dir, 'data')
  await mkdir(dataDir, { mode: 0o700 })
  await writeFile(file, JSON.stringify(config, null, 2))
  const port = await freePort()
  const ports = ['--bind', '127.0.0.1', '--https-port', String(port), '--http-port', '0']
  const origin = `https://localhost:${port}`
  return {
    command: process.execPath,
    args: [CLI, 'serve', '--config', file, '--data-dir', dataDir, ...ports],
    origins: { h1: origin, h2: origin },
  }
}

/** Builds when there is no build yet or it is older than its sources, so that never an old one is measured. */
export async function missingBuild(lab: Lab): Promise<string | null> {
  if (!buildNeeded(ROOT)) return null
  try {
    await lab.children.run('npm', ['run', 'build'], { cwd: ROOT, timeoutMs: BUILD_TIMEOUT_MS })
    return null
  } catch {
    return 'not built: run npm run build (it failed just now)'
  }
}

export async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  return `Portico ${version} on Node ${process.version}`
}
