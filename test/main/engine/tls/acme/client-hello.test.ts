import net from 'node:net'
import tls from 'node:tls'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWholeRecord, readClientHello } from '../../../../../src/main/engine/tls/acme/client-hello.js'

/** What Node sends first. */
function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => {
      let bytes = Buffer.alloc(0)
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        if (!isWholeRecord(bytes)) return
        socket.destroy()
        server.close(() => resolve(bytes))
      })
    })
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo
      tls.connect({ host: '127.0.0.1', port, ...options }).on('error', () => {})
    })
  })
}

test.each(['TLSv1.2', 'TLSv1.3'] as const)('name and protocols of a real %s client', async (version) => {
  const versions = { minVersion: version, maxVersion: version }
  const one = await helloOf({ servername: 'Shop.GW.test', ALPNProtocols: ['acme-tls/1'], ...versions })
  expect(readClientHello(one)).toEqual({ servername: 'shop.gw.test', protocols: ['acme-tls/1'] })
  const two = await helloOf({ ALPNProtocols: ['h2', 'http/1.1'], ...versions })
  expect(readClientHello(two)).toEqual({ servername: null, protocols: ['h2', 'http/1.1'] })
})

test('whatever is sent is read without an error, also a real one that was cut or changed', async () => {
  const real = await helloOf({ servername: 'shop.gw.test', ALPNProtocols: ['acme-tls/1'] })
  fc.assert(
    fc.property(fc.nat(real.length - 1), fc.nat(255), fc.nat(real.length), (at, value, end) => {
      const bytes = Buffer.from(real)
      bytes[at] = value
      readClientHello(bytes)
      readClientHello(bytes.subarray(0, end))
    }),
    { numRuns: 2_000 },
  )
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readClientHello(Buffer.from(bytes))))
})
