import { X509Certificate } from 'node:crypto'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { certificateStatusSchema } from '../../src/shared/window-schemas.js'
import { makeCertificate } from '../support/certificate.js'
import { HTTP1 } from '../support/client.js'
import { gatewayFor } from '../support/handshake.js'

test('certificates are listed once they are served: leaves after their handshake, own ones for each of their hosts', async () => {
  const own = makeCertificate('DNS:own.test')
  onTestFinished(() => own.remove())
  const certificate = { certFile: own.file, keyFile: path.join(path.dirname(own.file), 'key.pem') }
  const gateway = await gatewayFor({
    apps: [
      { name: 'app', port: 1 },
      { name: 'odd', port: 1, certificate: 'self-signed' },
      { name: 'own', port: 1, hosts: ['own.test', 'also.test'], certificate },
    ],
  })
  const list = () => gateway.engine.call('certificates.list', {})
  const names = async () => (await used()).map(({ name, source }) => `${source} ${name}`).sort()
  const used = async () => (await list()).filter(({ state }) => state !== 'missing')
  const missing = async () => (await list()).filter(({ state }) => state === 'missing').map(({ name }) => name)
  expect(await names()).toEqual(['file also.test', 'file own.test', 'local +default'])
  expect(await missing()).toEqual(['portico.localhost', 'app.localhost', 'odd.localhost'])

  await HTTP1.request(gateway, { host: 'app.localhost' })
  await expect(HTTP1.request(gateway, { host: 'odd.localhost' })).rejects.toThrow(/self-signed/)
  expect(await names()).toEqual([
    'file also.test',
    'file own.test',
    'local +default',
    'local app.localhost',
    'self-signed odd.localhost',
  ])

  expect(await missing()).toEqual(['portico.localhost'])

  const all = await list()
  expect(all.find(({ name }) => name === 'also.test')?.lastError).toContain('does not name this host')
  expect(certificateStatusSchema.array().parse(all)).toEqual(all)
  const leaf = all.find(({ name }) => name === 'app.localhost')
  const authority = new X509Certificate(gateway.ca)
  expect(leaf?.issuer).toBe(authority.subject.replaceAll('\n', ', '))
  expect(Date.parse(leaf?.notAfter ?? '')).toBeGreaterThan(Date.now() + 80 * 86_400_000)
})
