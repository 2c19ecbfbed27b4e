import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { runtimeVariables } from '../../../../src/main/platform/trust-store/bundle.js'
import { certificatesIn } from '../../../../src/main/platform/trust-store/pem.js'
import { fakeMachine, makeCa, temporaryFolder } from './support.js'

const SYSTEM = '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem'
const prints = async (file: string) =>
  certificatesIn(await readFile(file, 'utf8')).map(({ fingerprint }) => fingerprint)

test('the bundle is the CA and the system’s roots, each once', async () => {
  const [ca, root] = [await makeCa(), await makeCa()]
  const machine = await fakeMachine({ files: { [SYSTEM]: `# A root\r\n${root.pem}\r\n${ca.pem}\n${root.pem}\n` } })
  const dataDir = await temporaryFolder()
  const variables = await runtimeVariables(machine, ca, dataDir)
  const bundle = path.join(dataDir, 'ca/bundle.pem')
  expect(variables).toEqual({
    NODE_EXTRA_CA_CERTS: ca.certFile,
    DENO_CERT: ca.certFile,
    SSL_CERT_FILE: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    GIT_SSL_CAINFO: bundle,
    AWS_CA_BUNDLE: bundle,
  })
  expect(await prints(bundle)).toEqual([ca.fingerprint, root.fingerprint])
})

test('it is made anew when the system’s roots have changed, and only then', async () => {
  const [ca, root, next] = [await makeCa(), await makeCa(), await makeCa()]
  const machine = await fakeMachine({ files: { [SYSTEM]: root.pem } })
  const dataDir = await temporaryFolder()
  const bundle = path.join(dataDir, 'ca/bundle.pem')
  await runtimeVariables(machine, ca, dataDir)
  await utimes(bundle, 1, 1)
  await runtimeVariables(machine, ca, dataDir)
  expect((await stat(bundle)).mtimeMs).toBe(1_000)
  await writeFile(machine.root + SYSTEM, next.pem)
  await runtimeVariables(machine, ca, dataDir)
  expect(await prints(bundle)).toEqual([ca.fingerprint, next.fingerprint])
})

test('what the person’s own environment trusts stays trusted', async () => {
  const [ca, root, corporate] = [await makeCa(), await makeCa(), await makeCa()]
  const files = { [SYSTEM]: root.pem, '/etc/corporate.pem': corporate.pem }
  const env = { NODE_EXTRA_CA_CERTS: '/etc/corporate.pem', SSL_CERT_FILE: '/not/there' }
  const dataDir = await temporaryFolder()
  const variables = await runtimeVariables(await fakeMachine({ files, env }), ca, dataDir)
  const bundle = path.join(dataDir, 'ca/bundle.pem')
  expect(variables.NODE_EXTRA_CA_CERTS).toBe(bundle)
  expect(await prints(bundle)).toEqual([ca.fingerprint, corporate.fingerprint, root.fingerprint])
  const again = { ...env, NODE_EXTRA_CA_CERTS: bundle, SSL_CERT_FILE: bundle }
  await runtimeVariables(await fakeMachine({ files, env: again }), ca, dataDir)
  expect(await prints(bundle)).toEqual([ca.fingerprint, root.fingerprint])
})

test('where there is no file of the system’s, the roots that Node knows are in it', async () => {
  const ca = await makeCa()
  const dataDir = await temporaryFolder()
  await runtimeVariables(await fakeMachine({ platform: 'darwin' }), ca, dataDir)
  expect((await prints(path.join(dataDir, 'ca/bundle.pem'))).length).toBeGreaterThan(50)
})
