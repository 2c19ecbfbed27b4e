import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillTemplate, freePort, type Lab } from '../lab.ts'
import { type Contestant, missingProgram, type StartPlan } from './contestant.ts'

/** haproxy with one thread. */
export function haproxy(backendPort: number): Contestant {
  return {
    name: 'haproxy',
    protocols: ['h1', 'h2'],
    missing: () => missingProgram('haproxy', 'haproxy'),
    version: async (lab) => {
      const output = await lab.children.run('haproxy', ['-v'], { timeoutMs: 5_000 })
      return `haproxy ${/version ([\d.]+)/.exec(output)?.[1] ?? 'of unknown version'}, 1 thread`
    },
    plan: (lab, dir) => planHaproxy(lab, dir, backendPort),
  }
}

async function planHaproxy(lab: Lab, dir: string, backendPort: number): Promise<StartPlan> {
  const port = await freePort()
  const file = join(dir, 'haproxy.cfg')
  await writeFile(file, await fillTemplate('haproxy.cfg', { port, backendPort, ...lab.certificate }))
  const origin = `https://localhost:${port}`
  return { command: 'haproxy', args: ['-db', '-f', file], origins: { h1: origin, h2: origin } }
}
