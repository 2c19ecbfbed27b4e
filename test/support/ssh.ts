import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.js'
import { pathOf } from './tools.js'
import { until } from './wait.js'

export interface SshServer {
  readonly port: number
  /** What a command prints that this user runs there, by way of another port, with the server's own key expected at its end. */
  run(port: number, command: string): Promise<string>
  close(): Promise<void>
}

/** A real OpenSSH server of its own on the loopback, that lets this user in with a key of its own. */
export async function startSsh(): Promise<SshServer> {
  const base = mkdtempSync(path.join(os.tmpdir(), 'portico-ssh-'))
  chmodSync(base, 0o755)
  const file = (name: string) => path.join(base, name)
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)])
  }
  copyFileSync(file('user.pub'), file('authorized'))
  // Where sshd(8) wants its empty directory when it is started by root.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const port = await freePort()
  const settings = [
    ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${file('host')}`, `AuthorizedKeysFile ${file('authorized')}`],
    ...['StrictModes no', 'UsePAM no', 'PidFile none', 'PasswordAuthentication no', 'PermitRootLogin yes'],
  ]
  writeFileSync(file('sshd_config'), `${settings.join('\n')}\n`)
  const server = spawn(pathOf('sshd') as string, ['-D', '-e', '-f', file('sshd_config')], { stdio: 'ignore' })
  await until(() => greets(port), 'the SSH server greets', 10_000)
  return {
    port,
    run: async (through, command) => {
      writeFileSync(file('known'), `[127.0.0.1]:${through} ${readFileSync(file('host.pub'), 'utf8')}`)
      const options = [
        'BatchMode=yes',
        'StrictHostKeyChecking=yes',
        `UserKnownHostsFile=${file('known')}`,
        'IdentitiesOnly=yes',
      ]
      const words = [
        '-F',
        'none',
        '-p',
        String(through),
        '-i',
        file('user'),
        ...options.flatMap((option) => ['-o', option]),
      ]
      const { stdout } = await promisify(execFile)('ssh', [...words, '127.0.0.1', command], { timeout: 20_000 })
      return stdout
    },
    close: async () => {
      const gone = once(server, 'exit')
      server.kill()
      await gone
      rmSync(base, { recursive: true, force: true })
    },
  }
}

async function greets(port: number): Promise<boolean> {
  return (await greetingOf(port).catch(() => '')).startsWith('SSH-2.0-')
}

/** What a server says before it is asked. */
export async function greetingOf(port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    const [data] = (await once(socket, 'data')) as [Buffer]
    return String(data)
  } finally {
    socket.destroy()
  }
}
