import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { until } from '../support/wait.js'
import { type HostedShell, startShell } from './host/start-shell.js'

/** The CA's key in the keychain, from the window through the built bridge to the engine's process and back. */

/** Chromium and an engine start at once, on a machine that may be busy with other tests. */
const START_MS = 20_000

let shell: HostedShell

afterEach(() => shell.dispose())

test('the window moves the key into the keychain and back, which outlives the engine’s process', {
  timeout: 90_000,
}, async () => {
  shell = await startShell([{ name: 'shop', port: 9 }])
  await until(serving, 'the engine', START_MS)
  const plain = await readFile(path.join(ca(), 'ca.key'), 'utf8')
  await openCertificates()
  await until(async () => (await keyFacts()).includes('In a file that you alone may read.'), 'where the key is')
  await press('Keep it in the keychain')
  await until(
    async () => (await keyFacts()).includes('In the keyring of the desktop (Secret Service).'),
    'the new place',
  )
  expect((await readdir(ca())).sort()).toEqual(['ca.pem', 'key.sealed'])
  expect((await stat(path.join(ca(), 'key.sealed'))).mode & 0o777).toBe(0o600)
  const sealed = Buffer.from(await readFile(path.join(ca(), 'key.sealed'), 'utf8'), 'base64')
  expect(sealed.toString('latin1', 0, 3)).toBe('v11')

  const [old] = await shell.inShell(({ engines }) => engines())
  process.kill(old as number, 'SIGKILL')
  await until(
    async () => (await shell.inShell(({ engines }) => engines())).some((pid) => pid !== old),
    'another engine',
    START_MS,
  )
  await until(serving, 'the engine', START_MS)
  expect(await call('certificates.renew', { name: 'shop.localhost' })).toMatchObject({ result: { state: 'valid' } })
  expect(await call('ca.info', {})).toMatchObject({ result: { keyStorage: 'keychain', keyProblem: null } })
  expect(await call('ca.rotate', {})).toMatchObject({ result: { keyStorage: 'keychain' } })
  expect(await readdir(ca())).not.toContain('ca.key')

  await press('Move it back into a file')
  await until(async () => (await keyFacts()).includes('In a file that you alone may read.'), 'the old place')
  expect((await readdir(ca())).sort()).toEqual(['bundle.pem', 'ca.key', 'ca.pem', 'previous'])
  expect((await stat(path.join(ca(), 'ca.key'))).mode & 0o777).toBe(0o600)
  expect(await readFile(path.join(ca(), 'ca.key'), 'utf8')).not.toBe(plain)
})

test('a desktop without a keyring offers no place for the key, and says why', { timeout: 90_000 }, async () => {
  shell = await startShell([])
  await until(serving, 'the engine', START_MS)
  await shell.inShell(({ electron }) => {
    electron.recorded.keyring = 'basic_text'
  })
  const reason = 'this desktop has no keyring, such as GNOME Keyring or KWallet'
  expect(await call('ca.info', {})).toMatchObject({ result: { vault: { available: false, reason } } })
  expect(await call('ca.seal', { sealed: true })).toMatchObject({
    fault: { code: 'not-supported', message: expect.stringContaining(reason) },
  })
  expect(await readdir(ca())).not.toContain('key.sealed')
  await openCertificates()
  await until(async () => (await keyFacts()).includes(reason), 'the reason')
  expect(await keyFacts()).not.toContain('Keep it in the keychain')
})

test('a keyring that is there by name only is found out, and the key stays in its file', {
  timeout: 90_000,
}, async () => {
  shell = await startShell([])
  await until(serving, 'the engine', START_MS)
  await shell.inShell(({ electron }) => {
    electron.recorded.keyringFails = true
  })
  expect(await call('ca.seal', { sealed: true })).toMatchObject({
    fault: { code: 'not-supported', message: expect.stringContaining('has no keyring') },
  })
  expect((await readdir(ca())).filter((name) => name.includes('key'))).toEqual(['ca.key'])
})

interface Reply {
  result?: unknown
  fault?: { code: string; message: string }
}

function ca(): string {
  return path.join(shell.folder, 'data/portico/ca')
}

async function serving(): Promise<boolean> {
  const visible = await shell.inShell(({ electron }) => [...electron.BrowserWindow.all][0]?.visible)
  return visible === true && (await call('status', {})).result !== undefined
}

function call(name: string, params: unknown): Promise<Reply> {
  return shell.inPage(({ name, params }) => window.portico?.call(name, params) as Promise<Reply>, { name, params })
}

function openCertificates(): Promise<void> {
  return shell.inPage(() => {
    const entry = [...document.querySelectorAll<HTMLElement>('nav button')].find((one) =>
      one.textContent?.includes('Certificates'),
    )
    entry?.click()
  })
}

function keyFacts(): Promise<string> {
  return shell.inPage(() => {
    const term = [...document.querySelectorAll('dt')].find((one) => one.textContent === 'Key')
    return term?.nextElementSibling?.textContent ?? ''
  })
}

function press(label: string): Promise<void> {
  return shell.inPage((label) => {
    const button = [...document.querySelectorAll('button')].find((one) => one.textContent === label)
    if (button === undefined) throw new Error(`there is no button “${label}”`)
    button.click()
  }, label)
}
