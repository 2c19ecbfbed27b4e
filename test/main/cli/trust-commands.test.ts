import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { missingBrowser } from '../../support/chromium.js'
import { CLI, finish, type Outcome } from './portico.js'

let base: string
let dataDir: string

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'portico-trust-cli-'))
  dataDir = path.join(base, 'data')
  await mkdir(path.join(base, 'home'))
})

afterEach(() => rm(base, { recursive: true, force: true }))

/** With a home of its own, so that the stores of whoever runs the tests stay as they are. */
function portico(...words: string[]): Promise<Outcome> {
  const env = { ...process.env, HOME: path.join(base, 'home'), NO_COLOR: '1', FORCE_COLOR: undefined }
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
  return finish(spawn(process.execPath, [CLI, ...words, '--data-dir', dataDir], { stdio, cwd: base, env }))
}

const SKIP = missingBrowser() !== null

test('without a CA status and env say how it is made, and make none', async () => {
  for (const words of [['ca', 'status'], ['ca', 'uninstall'], ['env']]) {
    const { code, stderr } = await portico(...words)
    expect(code).toBe(1)
    expect(stderr).toContain('portico ca install')
  }
  expect(existsSync(dataDir)).toBe(false)
})

test.skipIf(SKIP)(
  'ca install, status and uninstall of one store, without a running gateway',
  async () => {
    const dry = await portico('ca', 'install', '--store', 'nss:chromium', '--dry-run')
    expect(dry.code).toBe(0)
    expect(dry.stdout).toContain('Chrome and Chromium (nss:chromium)\n')
    expect(dry.stdout).toContain('certutil -A')
    expect(existsSync(path.join(base, 'home/.pki'))).toBe(false)

    const state = async () => {
      const { stdout } = await portico('ca', 'status', '--json')
      const { fingerprint, notAfter, constraints, stores } = JSON.parse(stdout)
      expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
      expect(Date.parse(notAfter)).toBeGreaterThan(Date.now())
      expect(constraints === null || Array.isArray(constraints.permitted)).toBe(true)
      const chromium = stores.find(({ id }: { id: string }) => id === 'nss:chromium')
      expect(Object.keys(chromium)).toEqual(['id', 'title', 'state', 'detail'])
      return chromium.state
    }
    expect(await state()).toBe('untrusted')
    const installed = await portico('ca', 'install', '--store', 'nss:chromium')
    expect(installed).toMatchObject({ code: 0, stderr: '' })
    expect(installed.stdout).toMatch(/nss:chromium {2}trusted\n$/)
    expect(await state()).toBe('trusted')
    const again = await portico('ca', 'install', '--store', 'nss:chromium')
    expect(again).toEqual({ code: 0, stdout: 'Every store trusts the local CA already.\n', stderr: '' })
    const removed = JSON.parse((await portico('ca', 'uninstall', '--store', 'nss', '--json')).stdout)
    expect(removed).toMatchObject({ ok: true, stores: [{ id: 'nss:chromium', status: { state: 'untrusted' } }] })
    expect(await state()).toBe('untrusted')
  },
  90_000,
)

test('a store that is not here is refused with those that are', async () => {
  const { code, stdout, stderr } = await portico('ca', 'install', '--store', 'nowhere')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('There is no trust store "nowhere" here.')
  expect(stderr.trimEnd().split('\n')).toHaveLength(2)
})

test('env prints lines that name files which are there', async () => {
  await portico('ca', 'install', '--store', 'nss', '--dry-run')
  const { code, stdout } = await portico('env', '--shell', 'sh')
  expect(code).toBe(0)
  const bundle = path.join(dataDir, 'ca/bundle.pem')
  expect(stdout).toContain(`export SSL_CERT_FILE=${bundle}\n`)
  expect(stdout).toMatch(/^export NODE_EXTRA_CA_CERTS=/m)
  expect(await readFile(bundle, 'utf8')).toContain((await readFile(path.join(dataDir, 'ca/ca.pem'), 'utf8')).trim())
  expect((await portico('env', '--shell', 'fish')).stdout).toContain(`set -gx SSL_CERT_FILE '${bundle}'\n`)
  expect((await portico('env', '--shell', 'tcsh')).code).toBe(2)
})
