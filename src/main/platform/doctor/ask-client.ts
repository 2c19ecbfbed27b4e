import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { ClientId, ClientResult, ClientTarget } from '../../../shared/doctor-facts.js'
import { exists, findProgram, type Machine } from '../trust-store/machine.js'
import { CLIENT_CALLS } from './client-calls.js'

/** A browser that begins for the first time takes some seconds. */
const CLIENT_MS = 15_000

/**
 * Has a real client ask the gateway, as it is on this machine: with the environment of this process but for proxies,
 * and with the trust it has. It goes to the gateway's address whatever the name resolves to, and nowhere else.
 */
export async function askClient(machine: Machine, id: ClientId, target: ClientTarget): Promise<ClientResult> {
  const call = CLIENT_CALLS[id]
  const program = await programOf(machine, call.programs(machine))
  if (program === null) return { state: 'missing' }
  const folder = await mkdtemp(path.join(tmpdir(), 'portico-doctor-'))
  try {
    const hosts = path.join(folder, 'hosts')
    await writeFile(hosts, `${target.address} ${target.host}\n`)
    const env = { ...cleanEnvironment(machine.env), ...call.env(target) }
    const { result, late } = await run(program, call.args(target, folder), env)
    if (late) return { state: 'late', afterMs: CLIENT_MS }
    return call.accepted(result) ? { state: 'answered' } : { state: 'refused', said: call.said(result) }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 })
  }
}

async function programOf(machine: Machine, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    if (!path.isAbsolute(name)) {
      const found = await findProgram(machine, name)
      if (found !== null) return found
    } else if (await exists(machine, name)) return name
  }
  return null
}

async function run(program: string, args: string[], env: NodeJS.ProcessEnv) {
  const { execa } = await import('execa')
  const result = await execa(program, args, {
    env,
    extendEnv: false,
    input: '',
    timeout: CLIENT_MS,
    forceKillAfterDelay: 500,
    windowsHide: true,
    reject: false,
    maxBuffer: 1_000_000,
  })
  const { exitCode = null, stdout = '', stderr = '', timedOut } = result
  return { result: { exitCode, stdout, stderr }, late: timedOut }
}

/** What is looked through must not be in the person's language; proxies are a check of their own. */
function cleanEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(https?|all|ftp)_proxy$|^NODE_OPTIONS$|^NODE_USE_ENV_PROXY$/i.test(name),
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C', LANGUAGE: '' }
}
