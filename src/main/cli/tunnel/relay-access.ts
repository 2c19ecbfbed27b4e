import { readFile, stat } from 'node:fs/promises'
import { Fault } from '../../../shared/fault.js'
import { isToken } from '../../engine/share/relay-faults.js'
import { trustedByAll } from '../../engine/share/saved-relay.js'
import type { RelayAccess } from '../../engine/tunnel/agent/open-relay.js'
import { relayAddress } from '../../engine/tunnel/agent/relay-address.js'
import { plain } from '../escape.js'
import { note } from '../output.js'

/** The options by which an agent is let in. */
export interface AccessOptions {
  token?: string
  tokenFile?: string
  agent?: string
  ca?: string
}

/** The variables that stand in for options. */
type Environment = Partial<Record<string, string>>

/**
 * Where to connect to, and with what.
 *
 * @param url as the person wrote it
 * @throws Fault `usage` when something is missing or not valid, `not-found` for a file that cannot be read
 */
export async function relayAccess(url: string, options: AccessOptions, env: Environment): Promise<RelayAccess> {
  const agent = options.agent ?? env.PORTICO_TUNNEL_AGENT ?? null
  if (agent !== null && !/^[\w.-]{1,64}$/.test(agent)) {
    throw new Fault(
      'usage',
      `"${agent}" is no agent's id.`,
      'It is what the token was made for: letters, digits, ".", "_", "-".',
    )
  }
  return {
    url: relayAddress(url),
    token: await givenToken(options, env),
    agent,
    ca: await trustedAuthorities(options.ca),
  }
}

/** The token by option, file or variable. @throws Fault `usage` or `not-found` */
export async function givenToken({ token, tokenFile }: AccessOptions, env: Environment): Promise<string> {
  if (token !== undefined && tokenFile !== undefined) {
    throw new Fault('usage', '--token and --token-file exclude each other.', 'Leave one of them out.')
  }
  if (tokenFile !== undefined) await noteIfOpen(tokenFile)
  const written = token ?? (tokenFile === undefined ? env.PORTICO_TUNNEL_TOKEN : await readText(tokenFile))
  if (written === undefined || written.trim() === '') {
    const hint = 'Put it into PORTICO_TUNNEL_TOKEN or a file (--token-file); "portico relay token create" makes one.'
    throw new Fault('usage', 'The token is missing.', hint)
  }
  if (isToken(written.trim())) return written.trim()
  throw new Fault('usage', 'This is no token.', 'It is the line that "portico relay token create" has printed.')
}

/** On Windows the rights of a file are not in its mode. */
async function noteIfOpen(file: string): Promise<void> {
  const { mode = 0 } = (await stat(file).catch(() => null)) ?? {}
  if (process.getuid === undefined || (mode & 0o077) === 0) return
  note(plain(`Other users of this machine may read ${file}. Close it to them: chmod 600 ${file}`))
}

/** What the system trusts, what Node does, and what the person names. */
async function trustedAuthorities(file: string | undefined): Promise<string[]> {
  return file === undefined ? trustedByAll() : [...trustedByAll(), await givenAuthority(file)]
}

/** PEM of a file. @throws Fault `certificate-invalid` or `not-found` */
export async function givenAuthority(file: string): Promise<string> {
  const named = await readText(file)
  if (named.includes('-----BEGIN CERTIFICATE-----')) return named
  throw new Fault('certificate-invalid', `There is no certificate in ${file}.`, 'It must be a PEM file.')
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new Fault('not-found', `${file} cannot be read: ${code}.`, 'Check its name and its rights.')
  }
}
