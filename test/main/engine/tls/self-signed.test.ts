import tls from 'node:tls'
import { expect, test } from 'vitest'
import { openGate } from './support.js'

test('a self-signed app is refused by a client that verifies, CA or not, and is encrypted for one that does not', async () => {
  const gate = await openGate({ config: [{ source: 'self-signed', leafName: 'odd.localhost' }] })
  const port = gate.port
  const verified = connect({ port, servername: 'odd.localhost', ca: gate.certificates.authority.pem })
  await expect(verified).rejects.toThrow(/self-signed certificate/)
  const { subject, issuer, subjectaltname, fingerprint256 } = await connect({
    port,
    servername: 'odd.localhost',
    rejectUnauthorized: false,
  })
  expect(subject).toEqual({ CN: 'odd.localhost' })
  expect(issuer).toEqual(subject)
  expect(subjectaltname).toBe('DNS:odd.localhost')
  const again = await connect({ port, servername: 'odd.localhost', rejectUnauthorized: false })
  expect(again.fingerprint256).toBe(fingerprint256)
  expect(await gate.certificates.list()).toContainEqual(
    expect.objectContaining({ leafName: 'odd.localhost', source: 'self-signed', fingerprint: fingerprint256 }),
  )
})

function connect(options: tls.ConnectionOptions): Promise<tls.PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', ...options }, () => {
      resolve(socket.getPeerCertificate())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
