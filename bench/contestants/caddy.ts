import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillTemplate, freePort, type Lab } from '../lab.ts'
import { CADDY, CADDY_LARGE_POOL } from '../model.ts'
import { type Contestant, missingProgram, type StartPlan } from './contestant.ts'

const LARGE_POOL = 'transport http {\n\t\t\tkeepalive_idle_conns_per_host 128\n\t\t}'

/** Caddy as it comes, on all cores. It keeps 32 idle connections to a backend. */
export function caddy(backendPort: number): Contestant {
  return caddyWith(CADDY, '', backendPort)
}

/** Caddy with as many idle connections to the backend as the other peers may keep: more than 32 requests at once need it. */
export function caddyLargePool(backendPort: number): Contestant {
  return caddyWith(CADDY_LARGE_POOL, LARGE_POOL, backendPort)
}

function caddyWith(name: string, transport: string, backendPort: number): Contestant {
  return {
    name,
    protocols: ['h1', 'h2'],
    missing: () => missingProgram('caddy', 'caddy'),
    version: async (lab) => `Caddy ${(await lab.children.run('caddy', ['version'], { timeoutMs: 5_000 })).trim()}`,
    plan: (lab, dir) => planCaddy(lab, dir, backendPort, transport),
  }
}

async function planCaddy(lab: Lab, dir: string, backendPort: number, transport: string): Promise<StartPlan> {
  const port = await freePort()
  const file = join(dir, 'Caddyfile')
  await writeFile(file, await fillTemplate('Caddyfile', { dir, port, backendPort, transport, ...lab.certificate }))
  const origin = `https://localhost:${port}`
  return {
    command: 'caddy',
    args: ['run', '--config', file, '--adapter', 'caddyfile'],
    env: { HOME: dir, XDG_DATA_HOME: dir, XDG_CONFIG_HOME: dir },
    origins: { h1: origin, h2: origin },
  }
}
