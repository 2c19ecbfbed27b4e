import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nameConstraintsOf } from '../../../../src/main/engine/tls/name-constraints.js'
import { openssl, temporaryDirectory } from './support.js'

async function authority(constraints: string): Promise<string> {
  const directory = await temporaryDirectory()
  const [config, file] = [path.join(directory, 'c.cnf'), path.join(directory, 'ca.pem')]
  const extensions = `[ext]\nbasicConstraints=critical,CA:TRUE\n${constraints}\n`
  await writeFile(config, `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=test\n${extensions}`)
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  await openssl(...request, '-config', config, '-keyout', path.join(directory, 'key.pem'), '-out', file)
  return readFile(file, 'utf8')
}

test('a CA without constraints has none', async () => {
  expect(await nameConstraintsOf(await authority(''))).toBeNull()
})

test('names and address ranges come out as they were put in', async () => {
  const many = Array.from({ length: 30 }, (_, index) => `permitted;DNS:name${index}.test`).join(',')
  const pem = await authority(
    `nameConstraints=critical,permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:fd00::/ff00::,${many},excluded;DNS:evil.test,excluded;email:x.test`,
  )
  const found = await nameConstraintsOf(pem)
  expect(found?.permitted.slice(0, 4)).toEqual(['localhost', '127.0.0.0/8', 'fd00::/8', 'name0.test'])
  expect(found?.permitted).toHaveLength(33)
  expect(found?.excluded).toEqual(['evil.test', 'email:x.test'])
})
