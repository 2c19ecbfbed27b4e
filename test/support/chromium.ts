import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { onTestFinished } from 'vitest'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const run = promisify(execFile)

/** Why no test can run in a browser on this machine; null when it can. */
export function missingBrowser(): string | null {
  try {
    accessSync(CHROMIUM, constants.X_OK)
  } catch {
    return `no Chromium at ${CHROMIUM} (set CHROMIUM, or install it)`
  }
  const certutil = (process.env.PATH ?? '').split(path.delimiter).some((dir) => {
    try {
      accessSync(path.join(dir, 'certutil'), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  return certutil ? null : 'no certutil (install libnss3-tools)'
}

/** Chromium with a home of its own, whose certificate store trusts the CA: no certificate error is overridden. */
export async function launchTrusting(caFile: string, args: string[] = []): Promise<Browser> {
  const home = await temporaryDirectory('home')
  const store = path.join(home, '.pki/nssdb')
  await mkdir(store, { recursive: true })
  await run('certutil', ['-N', '-d', `sql:${store}`, '--empty-password'], { timeout: 20_000 })
  await run('certutil', ['-A', '-d', `sql:${store}`, '-n', 'Portico', '-t', 'C,,', '-i', caFile], { timeout: 20_000 })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: path.join(home, '.config') } as Record<string, string>,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync', ...args],
    ],
    timeout: 60_000,
  })
  onTestFinished(() => browser.close())
  return browser
}

/** A directory that is removed when the test has ended. */
export async function temporaryDirectory(name: string): Promise<string> {
  const directory = realpathSync(await mkdtemp(path.join(os.tmpdir(), `portico-${name}-`)))
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return directory
}
