import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillTemplate, freePort, type Lab } from '../lab.ts'
import { CADDY } from '../model.ts'
import { type Contestant, missingProgram, type StartPlan } from './contestant.ts'

/** Caddy as it comes: it uses all cores. */
export function caddy(backendPort: number): Contestant {
  return {
    name: CADDY,
    protocols: ['h1', 'h2'],
    missing: () => missingProgram('caddy', 'caddy'),
    version: async (lab) => `Caddy ${(await lab.children.run('caddy', ['version'], { timeoutMs: 5_000 })).trim()}`,
    plan: (lab, dir) => planCaddy(lab, dir, backendPort),
  }
}

async function planCaddy(lab: Lab, dir: string, backendPort: number): Promise<StartPlan> {
  const port = await freePort()
  const file = join(dir, 'Caddyfile')
  await writeFile(file, await fillTemplate('Caddyfile', { dir, port, backendPort, ...lab.certificate }))
  const origin = `https://localhost:${port}`
  return {
    command: 'caddy',
    args: ['run', '--config', file, '--adapter', 'caddyfile'],
    env: { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
    origins: { h1: origin, h2: origin },
  }
}
