import type { ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { missingProgram } from '../contestants/contestant.ts'
import { CLI, missingBuild, readVersion } from '../contestants/portico.ts'
import { freePort, type Lab } from '../lab.ts'
import { NO_TUNNEL, PORTICO_TLS_TUNNEL, PORTICO_TUNNEL, SSH_TUNNEL } from '../model.ts'
import { untilListening, untilPrinted } from './waits.ts'

/** Ports of the services, or those that lead to them. */
export interface Places {
  readonly source: number
  readonly echo: number
}

export interface RunningTunnel {
  /** where users connect */
  readonly places: Places
  /** the end that users connect to; null when there is no tunnel */
  readonly near: ChildProcess | null
  /** the end that has dialled out to it and connects to the services */
  readonly far: ChildProcess | null
}

/** A way from ports of one program to services behind another, which has dialled out to the first. */
export interface TunnelContestant {
  readonly name: string
  missing(lab: Lab): Promise<string | null>
  version(lab: Lab): Promise<string>
  start(lab: Lab, dir: string, services: Places): Promise<RunningTunnel>
}

const COMMAND_MS = 10_000

export const direct: TunnelContestant = {
  name: NO_TUNNEL,
  missing: async () => null,
  version: async () => 'the services themselves',
  start: async (_lab, _dir, services) => ({ places: services, near: null, far: null }),
}

export const porticoTunnel = portico(PORTICO_TUNNEL, false)
export const porticoTlsTunnel = portico(PORTICO_TLS_TUNNEL, true)

/** `ssh -R`, which is the same way round: the server listens, and the client connects to the services. */
export const sshTunnel: TunnelContestant = {
  name: SSH_TUNNEL,
  missing: async () =>
    (await missingProgram('sshd', 'openssh-server')) ?? (await missingProgram('ssh', 'openssh-client')),
  version: async (lab) => (await lab.children.run('ssh', ['-V'], { timeoutMs: COMMAND_MS })).trim(),
  start: startSsh,
}

function portico(name: string, tls: boolean): TunnelContestant {
  return {
    name,
    missing: missingBuild,
    version: readVersion,
    start: (lab, dir, services) => startPortico(lab, dir, services, tls),
  }
}

async function startPortico(lab: Lab, dir: string, { source, echo }: Places, tls: boolean): Promise<RunningTunnel> {
  const data = ['--data-dir', join(dir, 'data')]
  const portico = (...words: string[]) =>
    lab.children.run(process.execPath, [CLI, ...words, ...data], { timeoutMs: COMMAND_MS })
  const port = await freePort()
  const { certFile, keyFile } = lab.certificate
  const certificate = tls ? ['--cert', certFile, '--key', keyFile] : []
  const serve = ['relay', 'serve', '--listen', `127.0.0.1:${port}`, ...certificate]
  const near = await lab.children.serve(process.execPath, [CLI, ...serve, ...data], join(dir, 'relay.log'), {})
  await untilListening(port)
  const token = /ptk_[\w-]+/.exec(await portico('relay', 'token', 'create', '--agent', 'bench'))?.[0] ?? ''
  const to = [tls ? `wss://localhost:${port}` : `ws://127.0.0.1:${port}`, ...(tls ? ['--ca', certFile] : [])]
  const allow = [source, echo].flatMap((target) => ['--allow', `127.0.0.1:${target}`])
  const connect = [CLI, 'tunnel', 'connect', ...to, ...allow, ...data]
  const log = join(dir, 'agent.log')
  const far = await lab.children.serve(process.execPath, connect, log, { PORTICO_TUNNEL_TOKEN: token })
  const places = { source: await freePort(), echo: await freePort() }
  for (const [from, target] of [
    [places.source, source],
    [places.echo, echo],
  ] as const) {
    const words = ['--agent', 'bench', '--local-port', String(from), '--to', `127.0.0.1:${target}`]
    await portico('relay', 'proxy', 'add', ...words)
  }
  await untilPrinted(log, /Connected to/)
  return { places, near, far }
}

async function startSsh(lab: Lab, dir: string, services: Places): Promise<RunningTunnel> {
  const file = (name: string) => join(dir, name)
  for (const name of ['host', 'user']) {
    await lab.children.run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(name)], { timeoutMs: COMMAND_MS })
  }
  const [port, source, echo] = [await freePort(), await freePort(), await freePort()]
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${file('host')}`,
    `AuthorizedKeysFile ${file('user.pub')}`,
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'PasswordAuthentication no',
  ]
  await writeFile(file('sshd.conf'), `${config.join('\n')}\n`)
  // OpenSSH wants it when it is root's, and a machine on which sshd never ran has none.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
  const sshd = (
    await lab.children.run('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v sshd'], { timeoutMs: COMMAND_MS })
  ).trim()
  const near = await lab.children.serve(sshd, ['-D', '-e', '-f', file('sshd.conf')], file('sshd.log'), {})
  await untilListening(port)
  const forward = ([from, to]: readonly [number, number]) => ['-R', `127.0.0.1:${from}:127.0.0.1:${to}`]
  const ways = [...forward([source, services.source]), ...forward([echo, services.echo])]
  const trust = [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'ExitOnForwardFailure=yes',
  ]
  const access = ['-F', 'none', '-i', file('user'), ...trust, '-p', String(port), `${userInfo().username}@127.0.0.1`]
  const far = await lab.children.serve('ssh', ['-N', '-T', ...ways, ...access], file('ssh.log'), {})
  await untilListening(source)
  await untilListening(echo)
  return { places: { source, echo }, near, far }
}
