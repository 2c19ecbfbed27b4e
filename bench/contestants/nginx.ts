import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillTemplate, freePort, type Lab } from '../lab.ts'
import { type Contestant, missingProgram, type StartPlan } from './contestant.ts'

/** nginx with one worker. */
export function nginx(backendPort: number): Contestant {
  return {
    name: 'nginx',
    protocols: ['h1', 'h2'],
    missing: () => missingProgram('nginx', 'nginx-light'),
    version: nginxVersion,
    plan: (lab, dir) => planNginx(lab, dir, backendPort),
  }
}

/** As root, nginx would give its worker to a user who may not read the temporary directory. */
export function userDirective(): string {
  return process.getuid?.() === 0 ? 'user root;' : ''
}

export async function nginxVersion(lab: Lab): Promise<string> {
  const output = await lab.children.run('nginx', ['-v'], { timeoutMs: 5_000 })
  return `${/nginx\/[\d.]+/.exec(output)?.[0] ?? output.trim()}, 1 worker`
}

async function planNginx(lab: Lab, dir: string, backendPort: number): Promise<StartPlan> {
  const port = await freePort()
  const file = join(dir, 'nginx.conf')
  const values = { dir, port, backendPort, ...lab.certificate, userDirective: userDirective() }
  await writeFile(file, await fillTemplate('nginx.conf', values))
  const origin = `https://localhost:${port}`
  return { command: 'nginx', args: ['-p', dir, '-c', file, '-e', 'stderr'], origins: { h1: origin, h2: origin } }
}
