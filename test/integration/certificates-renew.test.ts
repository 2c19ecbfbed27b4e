import path from 'node:path'
import tls from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate } from '../support/certificate.js'
import type { TestGateway } from '../support/gateway.js'
import { gatewayFor } from '../support/handshake.js'
import { RawClient } from '../support/raw-client.js'
import { startUpstream } from '../support/upstream.js'
import { within } from '../support/wait.js'

/** The fingerprint that a new client sees. */
function fingerprintFor(gateway: TestGateway, servername: string | undefined): Promise<string> {
  return within(
    new Promise((resolve, reject) => {
      const name = servername === undefined ? {} : { servername }
      const client = tls.connect({ host: '127.0.0.1', port: gateway.httpsPort, rejectUnauthorized: false, ...name })
      client.once('error', reject)
      client.once('secureConnect', () => {
        resolve(client.getPeerCertificate().fingerprint256)
        client.destroy()
      })
    }),
    'a handshake',
  )
}

test.each([
  ['app.localhost', 'app.localhost'],
  ['*.wild.localhost', 'any.wild.localhost'],
  ['odd.localhost', 'odd.localhost'],
  ['+default', undefined],
])('new handshakes get the certificate that was renewed for %s', async (name, servername) => {
  const gateway = await gatewayFor({
    apps: [
      { name: 'app', port: 1 },
      { name: 'wild', port: 1, hosts: ['*.wild.localhost'] },
      { name: 'odd', port: 1, certificate: 'self-signed' },
    ],
  })
  const before = await fingerprintFor(gateway, servername)
  expect(await fingerprintFor(gateway, servername)).toBe(before)
  const renewed = await gateway.engine.call('certificates.renew', { name })
  expect(renewed).toMatchObject({ name, state: 'valid', lastError: null })
  expect(renewed.fingerprint).not.toBe(before)
  expect(await fingerprintFor(gateway, servername)).toBe(renewed.fingerprint)
})

test('a connection that is open lives on', async () => {
  const upstream = await startUpstream()
  onTestFinished(() => upstream.close())
  const gateway = await gatewayFor({ apps: [{ name: 'app', port: upstream.port }] })
  const client = await RawClient.connect(gateway)
  await gateway.engine.call('certificates.renew', { name: 'app.localhost' })
  client.send('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
  await client.receive(/ok$/)
  client.socket.destroy()
})

test('what Portico does not issue is refused, with what to do instead', async () => {
  const own = makeCertificate('DNS:own.test')
  onTestFinished(() => own.remove())
  const certificate = { certFile: own.file, keyFile: path.join(path.dirname(own.file), 'key.pem') }
  const gateway = await gatewayFor({ apps: [{ name: 'own', port: 1, hosts: ['own.test'], certificate }] })
  const renew = (name: string) => gateway.engine.call('certificates.renew', { name })
  await expect(renew('own.test')).rejects.toMatchObject({
    code: 'conflict',
    hint: expect.stringMatching(/^Replace .*key\.pem/),
  })
  for (const name of ['unknown.test', '', 'a b', '*.own.test', '__proto__'])
    await expect(renew(name)).rejects.toMatchObject({ code: 'not-found' })
})
