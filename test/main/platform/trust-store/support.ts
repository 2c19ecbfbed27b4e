import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { openAuthority } from '../../../../src/main/engine/tls/authority.js'
import type { ProgramResult } from '../../../../src/main/platform/plan/run-program.js'
import type { Platform } from '../../../../src/main/platform/platform.js'
import type { Machine } from '../../../../src/main/platform/trust-store/machine.js'
import { readCertificate, type TrustCa } from '../../../../src/main/platform/trust-store/pem.js'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-trust-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A CA as Portico makes it. */
export async function makeCa(): Promise<TrustCa & { certFile: string }> {
  const authority = await openAuthority(path.join(await temporaryFolder(), 'ca'), Date.now())
  return { ...readCertificate(authority.pem)!, file: authority.certFile, certFile: authority.certFile }
}

export interface FakeMachine extends Machine {
  /** every program that was run, as one line each */
  ran: string[]
}

interface Fake {
  platform?: Platform
  env?: NodeJS.ProcessEnv
  /** by absolute path; null makes a folder */
  files?: Record<string, string | null>
  /** what a program prints, by a part of its command line; anything else ends with code 1 */
  outputs?: Record<string, string | ProgramResult>
}

export const HOME = '/home/ann'

/** A machine that is a folder of files, with the recorded outputs of its programs. */
export async function fakeMachine({
  platform = 'linux',
  env = {},
  files = {},
  outputs = {},
}: Fake): Promise<FakeMachine> {
  const root = await temporaryFolder()
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(root + file), { recursive: true })
    if (text === null) await mkdir(root + file, { recursive: true })
    else await writeFile(root + file, text, { mode: 0o755 })
  }
  const ran: string[] = []
  return {
    platform,
    env,
    home: HOME,
    root,
    ran,
    run: async (program, args) => {
      const line = [program, ...args].join(' ')
      ran.push(line)
      const output = Object.entries(outputs).find(([part]) => line.includes(part))?.[1]
      if (output === undefined) return { exitCode: 1, stdout: '', stderr: 'not recorded' }
      return typeof output === 'string' ? { exitCode: 0, stdout: output, stderr: '' } : output
    },
  }
}
