import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SetFiles, splitChain } from '../../../../../src/main/engine/tls/acme/set-files.js'
import { makeCertificate } from '../../../../support/certificate.js'
import { temporaryDirectory } from '../support.js'

const NAME = '*.gw.test'

function set(directory: string) {
  const { cert, key, remove } = makeCertificate('DNS:any.gw.test')
  onTestFinished(remove)
  return { cert, chain: cert, key, directory }
}

test('a set is read as it was written, and another one takes its place as a whole', async () => {
  const directory = await temporaryDirectory()
  const files = new SetFiles(directory)
  expect(await files.read(NAME)).toBeNull()
  const [one, two] = [set('https://one'), set('https://two')]
  await files.write(NAME, one)
  expect(await files.read(NAME)).toEqual(one)
  await files.write(NAME, two)
  expect(await files.read(NAME)).toEqual(two)
  expect(await readdir(directory)).toEqual(['wildcard+gw.test'])
})

test('after a crash between two sets there is the former one', async () => {
  const directory = await temporaryDirectory()
  const files = new SetFiles(directory)
  const [one, two] = [set('https://one'), set('https://two')]
  await files.write(NAME, one)
  await rename(path.join(directory, 'wildcard+gw.test'), path.join(directory, '+former+wildcard+gw.test'))
  expect(await files.read(NAME)).toEqual(one)
  await files.write(NAME, two)
  expect(await files.read(NAME)).toEqual(two)
  expect(await readdir(directory)).toEqual(['wildcard+gw.test'])
})

test('a leaf of the local authority in the same place is none of ACME, also when it was written over a set', async () => {
  const directory = await temporaryDirectory()
  const files = new SetFiles(directory)
  const place = path.join(directory, 'shop.gw.test')
  const [one, local] = [set('https://one'), set('')]
  await mkdir(place)
  await writeFile(path.join(place, 'cert.pem'), local.cert)
  expect(await files.read('shop.gw.test')).toBeNull()
  await files.write('shop.gw.test', one)
  expect(await readFile(path.join(place, 'cert.pem'), 'utf8')).toBe(one.cert)
  await writeFile(path.join(place, 'cert.pem'), local.cert)
  expect(await files.read('shop.gw.test')).toBeNull()
})

test('what a directory sends is split into the certificate and those above it', () => {
  const { cert } = set('')
  expect(splitChain(`${cert}\n${cert}${cert}`)).toEqual({ cert, chain: cert + cert })
  expect(splitChain(cert)).toEqual({ cert, chain: '' })
})
