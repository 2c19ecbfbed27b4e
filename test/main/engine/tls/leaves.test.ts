import { generateKeyPairSync } from 'node:crypto'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SetFiles } from '../../../../src/main/engine/tls/acme/set-files.js'
import { openAuthority } from '../../../../src/main/engine/tls/authority.js'
import { plainKey } from '../../../../src/main/engine/tls/authority-key.js'
import { leafFor } from '../../../../src/main/engine/tls/leaf-name.js'
import { LeafStore } from '../../../../src/main/engine/tls/leaf-store.js'
import { Leaves } from '../../../../src/main/engine/tls/leaves.js'
import { makeCertificate } from '../../../support/certificate.js'
import { DAY, memoryLog, temporaryDirectory } from './support.js'

const WISH = leafFor('shop.localhost', 'shop.localhost')
const FAILED = 'certificate not renewed: the old one is served'

test('a renewal that fails leaves the old leaf serving, and is tried again only after a minute', async () => {
  const { leaves, authority, clock, lines } = await openLeaves()
  const first = await leaves.get(WISH)
  const { key } = authority
  authority.key = plainKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  clock.now += 61 * DAY
  await leaves.renewDue()
  await leaves.renewDue()
  expect(leaves.get(WISH)).toBe(first)
  expect(lines.filter(({ msg }) => msg === FAILED)).toHaveLength(1)

  authority.key = key
  clock.now += 61_000
  await leaves.renewDue()
  expect((await leaves.get(WISH)).info.fingerprint).not.toBe(first.info.fingerprint)
})

test('a leaf that cannot be issued rejects, and the next one who asks tries again', async () => {
  const { leaves, authority } = await openLeaves()
  const { key } = authority
  authority.key = plainKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  await expect(leaves.get(WISH)).rejects.toThrow()
  authority.key = key
  expect((await leaves.get(WISH)).info.leafName).toBe('shop.localhost')
})

test('the leaf unused for longest is the first to leave the memory', async () => {
  const { leaves } = await openLeaves(2)
  for (const host of ['a.test', 'b.test', 'a.test', 'c.test']) await leaves.get(leafFor(host, host))
  expect(leaves.list().map(({ leafName }) => leafName)).toEqual(['a.test', 'c.test'])
})

test('where a host has a certificate of ACME, the local leaf lies beside it', async () => {
  const { leaves, sets } = await openLeaves()
  const { cert, key, remove } = makeCertificate('DNS:shop.localhost')
  onTestFinished(remove)
  const set = { cert, chain: cert, key, directory: 'https://acme.test/dir' }
  await sets.write(WISH.name, set)
  expect(await leaves.kept(WISH)).toBeNull()
  const { info } = await leaves.get(WISH)
  expect(await sets.read(WISH.name)).toEqual(set)
  expect((await leaves.kept(WISH))?.fingerprint).toBe(info.fingerprint)
})

async function openLeaves(limit = 10) {
  const directory = await temporaryDirectory()
  const clock = { now: Date.now() }
  const authority = await openAuthority(path.join(directory, 'ca'), clock.now)
  const { log, lines } = memoryLog()
  const store = new LeafStore(path.join(directory, 'certs'))
  const leaves = new Leaves({ authority, store, log, limit, now: () => clock.now, onServed: () => {} })
  const sets = new SetFiles(path.join(directory, 'certs'))
  return { leaves, authority, clock, lines, sets }
}
