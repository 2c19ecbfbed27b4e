import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestGateway } from './gateway.js'

const run = promisify(execFile)

/** Clients as they come: without a word on whom to trust, in their arguments or in the environment. */
export const UNTOLD: NodeJS.ProcessEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/CERT|CA_BUNDLE|CAINFO|^SSL_|proxy/i.test(name)),
)

export const HOST = 'shop.localhost'

/** Whether a client accepted the gateway's certificate for HOST, and what it said. */
export interface Verdict {
  accepted: boolean
  said: string
}

/** @param env what to add to the environment */
export function curlTrusts(gateway: TestGateway, env: NodeJS.ProcessEnv = {}): Promise<Verdict> {
  const port = gateway.httpsPort
  const words = ['--silent', '--show-error', '--max-time', '20', '--noproxy', '*']
  return verdict('curl', [...words, '--resolve', `${HOST}:${port}:127.0.0.1`, `https://${HOST}:${port}/`], env)
}

export function pythonTrusts(gateway: TestGateway, env: NodeJS.ProcessEnv = {}): Promise<Verdict> {
  const script = `
import socket, sys, urllib.request
found = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **named: found('127.0.0.1', *rest, **named)
print(urllib.request.urlopen(sys.argv[1], timeout=20).status)`
  return verdict('python3', ['-c', script, `https://${HOST}:${gateway.httpsPort}/`], env)
}

export function opensslTrusts(gateway: TestGateway): Promise<Verdict> {
  const where = ['-connect', `127.0.0.1:${gateway.httpsPort}`, '-servername', HOST]
  return verdict('openssl', ['s_client', ...where, '-verify_hostname', HOST, '-verify_return_error'])
}

export function nodeTrusts(gateway: TestGateway, env: NodeJS.ProcessEnv = {}): Promise<Verdict> {
  const script = `require('node:https').get({ host: '127.0.0.1', port: ${gateway.httpsPort}, path: '/',
    servername: '${HOST}', headers: { host: '${HOST}' } }, (answer) => answer.resume())
    .on('error', (error) => { console.error(error); process.exitCode = 1 })`
  return verdict(process.execPath, ['-e', script], env)
}

async function verdict(program: string, words: string[], env: NodeJS.ProcessEnv = {}): Promise<Verdict> {
  const running = run(program, words, { env: { ...UNTOLD, ...env }, timeout: 40_000 })
  running.child.stdin?.end()
  try {
    const { stdout, stderr } = await running
    return { accepted: true, said: stdout + stderr }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { accepted: false, said: stdout + stderr }
  }
}

/** Every name in a folder with what it leads to or what is in it: equal when nothing has changed. */
export async function contentOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const lines = entries.map(async (entry) => {
    const file = path.join(folder, entry.name)
    if (entry.isSymbolicLink()) return `${entry.name} -> ${await readlink(file)}`
    if (!entry.isFile()) return `${entry.name}/`
    return `${entry.name} ${(await readFile(file)).toString('base64')}`
  })
  return (await Promise.all(lines)).sort()
}
