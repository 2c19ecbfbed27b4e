import { expect, test } from 'vitest'
import { keychainStores } from '../../../../src/main/platform/trust-store/macos.js'
import { readRootStore, windowsStores, wslStores } from '../../../../src/main/platform/trust-store/windows.js'
import { fakeMachine, HOME, makeCa } from './support.js'

const LOGIN = `${HOME}/Library/Keychains/login.keychain-db`

test('macOS: the login keychain unless told otherwise, the system’s with an administrator’s rights', async () => {
  const ca = await makeCa()
  const [login, system] = keychainStores(await fakeMachine({ platform: 'darwin' }))
  expect([login?.id, login?.optional, system?.id, system?.optional]).toEqual([
    'macos-login',
    false,
    'macos-system',
    true,
  ])
  expect(await login?.additions(ca, [], new Set())).toMatchObject([
    {
      program: '/usr/bin/security',
      args: ['add-trusted-cert', '-r', 'trustRoot', '-k', LOGIN, ca.file],
      elevated: false,
    },
  ])
  const keychain = '/Library/Keychains/System.keychain'
  expect(await system?.additions(ca, [], new Set())).toMatchObject([
    { args: ['add-trusted-cert', '-d', '-r', 'trustRoot', '-k', keychain, ca.file], elevated: true },
  ])
})

test('macOS: entries are found by fingerprint, and trust is asked for', async () => {
  const [ca, other] = [await makeCa(), await makeCa()]
  const hashes = (one: typeof ca) =>
    `SHA-256 hash: ${one.fingerprint.replaceAll(':', '')}\nSHA-1 hash: ${one.sha1.replaceAll(':', '')}\n${one.pem}\n`
  const outputs = { 'find-certificate -a -Z -p': hashes(other) + hashes(ca) }
  const look = async (more: Record<string, string>) => {
    const [login] = keychainStores(await fakeMachine({ platform: 'darwin', outputs: { ...outputs, ...more } }))
    const found = await login!.look(ca)
    return { login: login!, entries: found.found ? found.entries : [] }
  }
  const distrusted = await look({})
  expect(distrusted.entries[1]).toMatchObject({ fingerprint: ca.fingerprint, trusted: false })
  const { login, entries } = await look({ [`verify-cert -c ${ca.file} -p ssl -l -L`]: '' })
  expect(entries[1]).toMatchObject({ fingerprint: ca.fingerprint, trusted: true })
  expect(await login.removals(entries.slice(1), new Set())).toMatchObject([
    { args: ['delete-certificate', '-Z', ca.sha1.replaceAll(':', ''), '-t', LOGIN] },
  ])
})

test('macOS: a keychain without certificates is empty, and one that cannot be read is not known', async () => {
  const none = 'security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.'
  for (const [stderr, expected] of [
    [none, { found: true, entries: [] }],
    ['security: SecKeychainOpen: denied', { found: false, known: false }],
  ] as const) {
    const outputs = { 'find-certificate': { exitCode: 44, stdout: '', stderr } }
    const [login] = keychainStores(await fakeMachine({ platform: 'darwin', outputs }))
    expect(await login!.look(await makeCa())).toMatchObject(expected)
  }
})

/** As `certutil -user -store Root` prints them; the second machine is German. */
const listed = (sha1: string, other: string) => `Root "Trusted Root Certification Authorities"
================ Certificate 0 ================
Serial Number: 28cc3a25bfba44ac449a9b586b4339aa
Issuer: CN=Microsoft Root Certificate Authority 2010, O=Microsoft Corporation, L=Redmond, S=Washington, C=US
 NotBefore: 6/23/2010 2:57 PM
 NotAfter: 6/23/2035 3:04 PM
Subject: CN=Microsoft Root Certificate Authority 2010, O=Microsoft Corporation, L=Redmond, S=Washington, C=US
Signature matches Public Key
Root Certificate: Subject matches Issuer
Cert Hash(sha1): 3b1efd3a66ea28b16697394703a72ca340a05bd5
No key provider information
Cannot find the certificate and private key for decryption.

================ Zertifikat 1 ================
Seriennummer: 5f0b
Aussteller: CN=Portico ann@pc 0a1b2c3d, OU=ann@pc, O=Portico local CA
 Nicht vor: 21.11.2026 09:00
Zertifikathash(sha1): ${other}

================ Certificate 2 ================
Serial Number: 5f0c
Issuer: CN=Portico ann@pc 99887766, OU=ann@pc, O=Portico local CA
Cert Hash(sha1): ${sha1}
CertUtil: -store command completed successfully.
`

test('Windows: Portico’s entries in what certutil prints, in any language', async () => {
  const ca = await makeCa()
  const hash = ca.sha1.replaceAll(':', '')
  const other = '00112233445566778899aabbccddeeff00112233'
  const spaced = hash.toLowerCase().replace(/(..)(?=.)/g, '$1 ')
  for (const text of [hash.toLowerCase(), spaced]) {
    expect(readRootStore(listed(text, other).replaceAll('\n', '\r\n'), ca)).toEqual([
      {
        fingerprint: `SHA1:${other.toUpperCase()}`,
        name: 'Portico ann@pc 0a1b2c3d',
        place: other.toUpperCase(),
        trusted: true,
      },
      { fingerprint: ca.fingerprint, name: 'Portico ann@pc 99887766', place: hash, trusted: true },
    ])
  }
})

test('Windows: the user’s roots unless told otherwise, the machine’s with an administrator’s rights', async () => {
  const ca = await makeCa()
  const env = { SystemRoot: 'D:\\Windows' }
  const [user, machine] = windowsStores(await fakeMachine({ platform: 'win32', env }))
  expect(await user!.additions(ca, [], new Set())).toMatchObject([
    { program: 'D:\\Windows\\System32\\certutil.exe', args: ['-user', '-addstore', 'Root', ca.file], elevated: false },
  ])
  expect(await machine!.additions(ca, [], new Set())).toMatchObject([
    { args: ['-addstore', 'Root', ca.file], elevated: true },
  ])
  expect(machine!.optional).toBe(true)
  const entry = { fingerprint: ca.fingerprint, name: '', place: 'ABCD', trusted: true }
  expect(await user!.removals([entry], new Set())).toMatchObject([{ args: ['-user', '-delstore', 'Root', 'ABCD'] }])
})

test('WSL: the Windows around it, with the file by the name that Windows has for it', async () => {
  const ca = await makeCa()
  const certutil = '/mnt/c/Windows/System32/certutil.exe'
  const files = { '/proc/version': 'Linux version 5.15.167.4-microsoft-standard-WSL2 (root@f9c8)', [certutil]: '' }
  const outputs = { 'wslpath -w': '\\\\wsl.localhost\\Debian\\home\\ann\\ca.pem\n' }
  const [store] = await wslStores(await fakeMachine({ files, outputs }))
  expect(await store!.additions(ca, [], new Set())).toMatchObject([
    { program: certutil, args: ['-user', '-addstore', 'Root', '\\\\wsl.localhost\\Debian\\home\\ann\\ca.pem'] },
  ])
  expect(
    await wslStores(await fakeMachine({ files: { '/proc/version': 'Linux version 6.1', [certutil]: '' } })),
  ).toEqual([])
})
