import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Sandbox } from './portico.js'

async function sandbox(): Promise<Sandbox> {
  const made = await Sandbox.make()
  onTestFinished(() => made.close())
  return made
}

const fingerprintIn = async ({ dataDir }: Sandbox) =>
  new X509Certificate(await readFile(path.join(dataDir, 'ca/ca.pem'))).fingerprint256

test('ca rotate without a CA says how one is made', async () => {
  const { code, stderr } = await (await sandbox()).run('ca', 'rotate', '--yes')
  expect(code).toBe(1)
  expect(stderr).toContain('portico ca install')
})

test('ca rotate replaces the CA of a running gateway and of one that does not run', { timeout: 60_000 }, async () => {
  const portico = await sandbox()
  await portico.serve()
  const first = await fingerprintIn(portico)
  const added = await portico.run('ca', 'rotate', '--yes', '--add-domain', 'example.com')
  expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining('its key destroyed') })
  const second = await fingerprintIn(portico)
  expect(second).not.toBe(first)
  expect(added.stdout).toContain(`The local CA is ${second} now.\n`)
  expect(added.stdout).toMatch(/It may vouch for localhost, .*, example\.com, what is below them/)
  expect((await portico.run('ca', 'print')).stdout).not.toContain('PRIVATE KEY')
  const status = await portico.run('ca', 'status', '--json')
  expect(JSON.parse(status.stdout)).toMatchObject({ fingerprint: second })
  await portico.run('stop')

  const refused = await portico.run('ca', 'rotate', '--yes', '--add-domain', 'a b')
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"a b" is neither a domain nor an address.'),
  })
  expect(await fingerprintIn(portico)).toBe(second)
  const json = await portico.run('ca', 'rotate', '--json', '--remove-domain', 'example.com')
  expect(JSON.parse(json.stdout)).toEqual({ ok: true, stores: [] })
  expect(await fingerprintIn(portico)).not.toBe(second)
  expect((await portico.run('ca', 'status')).stdout).not.toContain('example.com')
})
