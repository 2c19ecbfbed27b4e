import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { Problem } from '../../../shared/contract.js'
import { MAX_CONFIG_SIZE, type ParsedConfig, parseConfig } from './parse-config.js'

/** What a look at the file brings. `content` tells two looks apart; it is null when nothing could be read. */
export type ConfigOnDisk =
  | { state: 'read'; text: string; content: Buffer; parsed: ParsedConfig }
  | { state: 'missing' }
  | { state: 'unreadable'; problem: Problem; code: string }

/** Reads and validates a config file; never throws. */
export async function readConfigFile(file: string): Promise<ConfigOnDisk> {
  try {
    const { size, isRegular } = await stat(file).then((entry) => ({ size: entry.size, isRegular: entry.isFile() }))
    // A pipe or device would be waited for without end.
    if (!isRegular) return unreadable('is not a regular file', 'EISDIR')
    if (size > MAX_CONFIG_SIZE) return unreadable('is larger than 16 MB', 'EFBIG')
    const content = await readFile(file)
    const text = decode(content)
    return { state: 'read', content, text: text ?? '', parsed: text === null ? notUtf8(content) : parseConfig(text) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO'
    if (code === 'ENOENT') return { state: 'missing' }
    return unreadable(error instanceof Error ? error.message : String(error), code)
  }
}

type GoodOnDisk = Extract<ConfigOnDisk, { state: 'read' }> & { parsed: Extract<ParsedConfig, { ok: true }> }

/** True when the file holds a config that can be put in use. */
export function isGood(disk: ConfigOnDisk): disk is GoodOnDisk {
  return disk.state === 'read' && disk.parsed.ok
}

/** Why it can not be put in use; empty when it can. */
export function problemsIn(disk: ConfigOnDisk): Problem[] {
  if (disk.state === 'missing')
    return [{ path: '', message: 'the file is gone: put it back, or change an app to make it anew' }]
  if (disk.state === 'unreadable') return [disk.problem]
  return disk.parsed.ok ? [] : disk.parsed.problems
}

/** Equal for two looks that found the same. */
export function signatureOf(disk: ConfigOnDisk): string {
  if (disk.state === 'missing') return 'missing'
  if (disk.state === 'unreadable') return `unreadable ${disk.code} ${disk.problem.message}`
  return createHash('sha256').update(disk.content).digest('base64')
}

function unreadable(message: string, code: string): ConfigOnDisk {
  return { state: 'unreadable', problem: { path: '', message }, code }
}

function decode(content: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
  } catch {
    // Not UTF-8: the caller says so; there is no more to the TypeError than that.
    return null
  }
}

function notUtf8(content: Buffer): ParsedConfig {
  const wide = (content[0] === 0xff && content[1] === 0xfe) || (content[0] === 0xfe && content[1] === 0xff)
  return { ok: false, problems: [{ path: '', message: `is ${wide ? 'UTF-16' : 'not UTF-8'} text: save it as UTF-8` }] }
}
