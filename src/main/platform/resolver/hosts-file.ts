import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Step } from '../../../shared/plan.js'
import type { Setting } from '../plan/setting.js'
import { type Machine, readText, realFile } from '../trust-store/machine.js'
import { namesInBlock, withHosts, withoutHosts } from './hosts-block.js'
import type { ResolverWish } from './wish.js'

/** Names in the hosts file: works on every system and for every program, but not for wildcards. */
export async function hostsFile(machine: Machine, wish: ResolverWish): Promise<Setting> {
  const file = await realFile(machine, hostsPath(machine))
  const before = await readHosts(machine, file)
  const common = { id: 'hosts', title: 'Hosts file' }
  if (before === null) {
    const unfit = `${file} can not be read as text in UTF-8, so it can not be changed safely.`
    return { ...common, unfit, state: 'off', detail: '', install: [], uninstall: [] }
  }
  const { text, mode } = before
  const next = withHosts(text, wish.names, wish.addresses, machine.platform === 'win32' ? '\r\n' : '\n')
  const has = namesInBlock(text)
  const write = (content: string, why: string): Step[] =>
    content === text ? [] : [{ kind: 'write-file', path: file, content, mode, elevated: true, why }]
  const none: Step[] =
    wish.names.length === 0 ? [{ kind: 'note', text: 'Every name leads to this machine already.' }] : []
  return {
    ...common,
    unfit: null,
    state: has.length === 0 ? 'off' : next === text ? 'on' : 'outdated',
    detail: has.length === 0 ? '' : `${file} has ${has.join(', ')}`,
    install: [
      ...write(next, `Names of the apps, between two lines of Portico's: ${wish.names.join(', ')}`),
      ...none,
      ...(await notes(machine, wish)),
    ],
    uninstall: write(withoutHosts(text), "Takes Portico's lines out; all others stay as they are."),
  }
}

/** Where the system has it. */
export function hostsPath({ platform, env }: Machine): string {
  if (platform !== 'win32') return '/etc/hosts'
  return path.win32.join(env.SystemRoot ?? env.windir ?? 'C:\\Windows', 'System32\\drivers\\etc\\hosts')
}

/** A file that is not there yet is an empty one; null for one whose bytes would not survive. */
async function readHosts({ root }: Machine, file: string): Promise<{ text: string; mode: number } | null> {
  try {
    const [bytes, { mode }] = await Promise.all([readFile(root + file), stat(root + file)])
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.includes('\0') ? null : { text, mode: mode & 0o777 }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? { text: '', mode: 0o644 } : null
  }
}

async function notes(machine: Machine, { hosts }: ResolverWish): Promise<Step[]> {
  const wildcards = hosts.filter((host) => host.startsWith('*.'))
  const found: string[] = []
  if (wildcards.length > 0) found.push(`A hosts file has no wildcards: ${wildcards.join(', ')} need Portico's DNS.`)
  if (machine.platform === 'linux' && /microsoft/i.test((await readText(machine, '/proc/version')) ?? '')) {
    const settings = (await readText(machine, '/etc/wsl.conf')) ?? ''
    if (!/^\s*generateHosts\s*=\s*false/im.test(settings)) found.push(WSL)
  }
  return found.map((text) => ({ kind: 'note', text }))
}

const WSL =
  'WSL makes /etc/hosts anew at each start, from that of Windows, unless /etc/wsl.conf says generateHosts=false under [network].'
