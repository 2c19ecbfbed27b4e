import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openAuthority } from '../../../../src/main/engine/tls/authority.js'
import { namesOf } from '../../../../src/main/engine/tls/permitted-names.js'
import { rotateAuthority } from '../../../../src/main/engine/tls/rotation.js'
import { temporaryDirectory } from './support.js'

async function begin() {
  const root = await temporaryDirectory()
  const directory = path.join(root, 'ca')
  return { root, directory, first: await openAuthority(directory, Date.now()) }
}

test('a new CA with another key takes the place of the old one, of which the certificate alone is kept', async () => {
  const { root, directory, first } = await begin()
  const oldKey = await readFile(path.join(directory, 'ca.key'), 'utf8')
  await rotateAuthority(directory, Date.now())
  const second = await openAuthority(directory, Date.now())
  expect(second.fingerprint).not.toBe(first.fingerprint)
  expect(second.certificate.subject).not.toBe(first.certificate.subject)
  expect(second.former).toEqual([first.fingerprint])
  expect(await readdir(root)).toEqual(['ca'])
  const files = await readdir(directory, { recursive: true, withFileTypes: true })
  for (const file of files.filter((one) => one.isFile()))
    expect(await readFile(path.join(file.parentPath, file.name), 'utf8')).not.toContain(oldKey.split('\n')[1])
  expect((await stat(path.join(directory, 'ca.key'))).mode & 0o777).toBe(0o600)
  expect((await stat(directory)).mode & 0o777).toBe(0o700)
})

test('what was added stays until it is removed, and every former CA is remembered', async () => {
  const { directory, first } = await begin()
  const dns = async () => namesOf((await openAuthority(directory, Date.now())).constraints!).dns.slice(5)
  await rotateAuthority(directory, Date.now(), { add: ['a.example', 'b.example'] })
  const second = await openAuthority(directory, Date.now())
  await rotateAuthority(directory, Date.now(), { add: ['c.example'] })
  expect(await dns()).toEqual(['a.example', 'b.example', 'c.example'])
  await rotateAuthority(directory, Date.now(), { remove: ['b.example'] })
  expect(await dns()).toEqual(['a.example', 'c.example'])
  expect((await openAuthority(directory, Date.now())).former).toEqual(
    expect.arrayContaining([first.fingerprint, second.fingerprint]),
  )
})

const placeOf = (directory: string) => path.join(path.dirname(directory), '.ca-rotation')

/** The three places as a crash may leave them, and whose CA counts after it. */
const CRASHES: Record<string, { leave: (directory: string, next: string) => Promise<void>; wins: 'old' | 'new' }> = {
  'while the new one was being written': {
    leave: (directory, next) => rename(next, `${placeOf(directory)}-next.tmp`),
    wins: 'old',
  },
  'before the old one was moved': {
    leave: (directory, next) => rename(next, `${placeOf(directory)}-next`),
    wins: 'old',
  },
  'between the two renames': {
    leave: async (directory, next) => {
      await rename(next, `${placeOf(directory)}-next`)
      await rename(directory, `${placeOf(directory)}-old`)
    },
    wins: 'new',
  },
  'before the old key was destroyed': {
    leave: async (directory, next) => {
      await rename(directory, `${placeOf(directory)}-old`)
      await rename(next, directory)
    },
    wins: 'new',
  },
}

for (const [moment, { leave, wins }] of Object.entries(CRASHES)) {
  test(`a crash ${moment} leaves the ${wins} CA, whole, and the next rotation leaves nothing behind`, async () => {
    const { root, directory, first } = await begin()
    const next = path.join(root, 'made')
    await cp(directory, next, { recursive: true })
    await rotateAuthority(next, Date.now())
    const made = await openAuthority(next, Date.now())
    await leave(directory, next)
    const after = await openAuthority(directory, Date.now())
    expect(after.fingerprint).toBe(wins === 'old' ? first.fingerprint : made.fingerprint)
    if (wins === 'new') expect(await readdir(root)).toEqual(['ca'])
    await rotateAuthority(directory, Date.now())
    expect((await openAuthority(directory, Date.now())).fingerprint).not.toBe(after.fingerprint)
    expect(await readdir(root)).toEqual(['ca'])
  })
}

test('where the new one cannot be written the old one stays, and nothing beside it', async () => {
  const { root, directory, first } = await begin()
  await rm(path.join(directory, 'previous'), { recursive: true, force: true })
  await writeFile(path.join(directory, 'previous'), 'in the way')
  await expect(rotateAuthority(directory, Date.now())).rejects.toMatchObject({ code: 'certificate-invalid' })
  expect((await openAuthority(directory, Date.now())).fingerprint).toBe(first.fingerprint)
  expect(await readdir(root)).toEqual(['ca'])
})

test('a domain that is none, and a directory without a CA, are refused before anything is touched', async () => {
  const { root, directory, first } = await begin()
  await expect(rotateAuthority(directory, Date.now(), { add: ['a b'] })).rejects.toMatchObject({ code: 'usage' })
  expect((await openAuthority(directory, Date.now())).fingerprint).toBe(first.fingerprint)
  await mkdir(path.join(root, 'empty'))
  await expect(rotateAuthority(path.join(root, 'empty'), Date.now())).rejects.toMatchObject({ code: 'not-found' })
})

test('a copy that a person has put aside is never touched', async () => {
  const { root, directory } = await begin()
  for (const name of ['ca.old', 'ca.bak', 'ca.next']) await cp(directory, path.join(root, name), { recursive: true })
  await rotateAuthority(directory, Date.now())
  await openAuthority(directory, Date.now())
  expect(await readdir(root)).toEqual(['ca', 'ca.bak', 'ca.next', 'ca.old'])
})

test('an expired CA can be replaced, and says so', async () => {
  const { directory } = await begin()
  const later = Date.now() + 11 * 365.25 * 86_400_000
  await expect(openAuthority(directory, later)).rejects.toMatchObject({ hint: expect.stringContaining('ca rotate') })
  await rotateAuthority(directory, later)
  expect((await openAuthority(directory, later)).notAfter.getTime()).toBeGreaterThan(later)
})
