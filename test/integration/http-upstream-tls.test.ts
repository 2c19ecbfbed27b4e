import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Backend } from '../../src/shared/config.js'
import { makeCertificate, type TestCertificate } from '../support/certificate.js'
import { HTTP1, PROTOCOLS } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
let certificate: TestCertificate
let byName: TestCertificate
let upstream: TestUpstream
let named: TestUpstream
let plain: TestUpstream

beforeAll(async () => {
  certificate = makeCertificate('IP:127.0.0.1', 'DNS:localhost')
  byName = makeCertificate('DNS:backend.test')
  upstream = await startUpstream(undefined, { tls: certificate })
  named = await startUpstream(undefined, { tls: byName })
  plain = await startUpstream()
  const app = (name: string, backend: Backend) => ({
    name,
    routes: [{ path: '/', upstream: { backends: [backend] } }],
  })
  gateway = await startGateway({
    apps: [
      app('unverified', { url: upstream.url }),
      app('verified', { url: upstream.url, caFile: certificate.file }),
      app('verified-name', { url: `https://localhost:${upstream.port}`, caFile: certificate.file }),
      app('insecure', { url: named.url, insecure: true }),
      app('wrong-name', { url: named.url, caFile: byName.file }),
      app('named', { url: named.url, caFile: byName.file, serverName: 'backend.test' }),
      app('no-tls', { url: `https://127.0.0.1:${plain.port}` }),
      app('no-file', { url: upstream.url, caFile: '/nonexistent/ca.pem' }),
      app('tls-as-http', { url: `http://127.0.0.1:${upstream.port}` }),
    ],
  })
})

afterAll(async () => {
  await gateway.stop()
  await Promise.all([upstream.close(), named.close(), plain.close()])
  certificate.remove()
  byName.remove()
})

beforeEach(() => {
  for (const { requests } of [upstream, named, plain]) requests.length = 0
})

describe.each(PROTOCOLS)('over $name, an https backend', (client) => {
  test.each(['verified', 'verified-name', 'insecure', 'named'])('is served when it is %s', async (name) => {
    const answer = await client.request(gateway, { host: `${name}.localhost`, method: 'POST', body: 'secret' })
    expect(answer.text).toBe('ok')
    expect([...upstream.requests, ...named.requests].at(-1)?.body.toString()).toBe('secret')
  })

  test.each(['unverified', 'wrong-name'])('is 502 and gets nothing of the request when it is %s', async (name) => {
    const answer = await client.request(gateway, { host: `${name}.localhost`, method: 'POST', body: 'secret' })
    expect(answer.status).toBe(502)
    expect(answer.text).toMatch(/certificate of 127\.0\.0\.1:\d+ was not accepted/)
    expect(answer.text).toContain('caFile')
    expect([...upstream.requests, ...named.requests]).toEqual([])
  })

  test('that speaks plain HTTP is 502', async () => {
    const answer = await client.request(gateway, { host: 'no-tls.localhost' })
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('no-tls')
    expect(plain.requests).toEqual([])
  })

  test('whose caFile cannot be read is an error that names the file, and only for its own app', async () => {
    const answer = await client.request(gateway, { host: 'no-file.localhost' })
    expect(answer.status).toBe(502)
    expect(answer.text).toContain('/nonexistent/ca.pem')
    expect((await client.request(gateway, { host: 'verified.localhost' })).status).toBe(200)
  })

  test('that is called by http is 502', async () => {
    expect((await client.request(gateway, { host: 'tls-as-http.localhost' })).status).toBe(502)
  })
})

test('connections to an https backend are used again', async () => {
  for (let round = 0; round < 5; round++) await HTTP1.request(gateway, { host: 'verified.localhost' })
  expect(new Set(upstream.requests.map(({ connection }) => connection)).size).toBe(1)
})
