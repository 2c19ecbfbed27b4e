import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fillTemplate, freePort, type Lab } from '../lab.ts'
import { DIRECT } from '../model.ts'
import { type Contestant, missingProgram } from './contestant.ts'
import { nginxVersion, userDirective } from './nginx.ts'

/** What every contestant forwards to, and by itself the reference: nginx without TLS and without a hop. */
export function backend(): Contestant {
  return {
    name: DIRECT,
    protocols: ['h1', 'h2'],
    missing: () => missingProgram('nginx', 'nginx-light'),
    version: nginxVersion,
    plan: planBackend,
  }
}

async function planBackend(lab: Lab, dir: string) {
  const [h1Port, h2Port] = [await freePort(), await freePort()]
  const file = join(dir, 'backend.conf')
  const values = { dir, h1Port, h2Port, bodiesDir: lab.bodiesDir, userDirective: userDirective() }
  await writeFile(file, await fillTemplate('backend.conf', values))
  return {
    command: 'nginx',
    args: ['-p', dir, '-c', file, '-e', 'stderr'],
    origins: { h1: `http://localhost:${h1Port}`, h2: `http://localhost:${h2Port}` },
  }
}
