import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from './free-port.js'
import { pathOf } from './tools.js'
import { until } from './wait.js'

export interface PostgresServer {
  readonly port: number
  close(): Promise<void>
}

/** A real PostgreSQL of its own on the loopback, user `test`, no password. It runs as `postgres` where this user is root. */
export async function startPostgres(): Promise<PostgresServer> {
  const base = mkdtempSync(path.join(os.tmpdir(), 'portico-pg-'))
  const data = path.join(base, 'data')
  mkdirSync(data)
  const root = process.getuid?.() === 0
  if (root) execFileSync('chown', ['-R', 'postgres:', base])
  const asOwner = root ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : []
  const [initdb = '', ...rest] = [
    ...asOwner,
    pathOf('initdb') ?? '',
    '-D',
    data,
    '-U',
    'test',
    '-A',
    'trust',
    '--no-sync',
  ]
  execFileSync(initdb, rest, { stdio: 'pipe', cwd: base, timeout: 30_000 })
  const port = await freePort()
  const [postgres = '', ...args] = [
    ...asOwner,
    ...[pathOf('postgres') ?? '', '-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', base, '-c', 'fsync=off'],
  ]
  const child = spawn(postgres, args, { stdio: 'ignore', cwd: base })
  await until(() => ready(port), 'PostgreSQL answers', 20_000)
  return {
    port,
    close: async () => {
      const gone = once(child, 'exit')
      child.kill('SIGINT')
      await gone
      rmSync(base, { recursive: true, force: true })
    },
  }
}

function ready(port: number): boolean {
  try {
    execFileSync('pg_isready', ['-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
