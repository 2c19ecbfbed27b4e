import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { curl } from '../support/curl.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'

let gateway: TestGateway
let upstream: TestUpstream

beforeAll(async () => {
  upstream = await startUpstream((request, response, { body }) => {
    if (request.url === '/large') return response.end(Buffer.alloc(3_000_000, 'x'))
    response.end(`${request.method} ${request.url} ${body.length}`)
  })
  gateway = await startGateway({
    apps: [{ name: 'app', port: upstream.port, hosts: ['app.localhost', '*.app.localhost'] }],
  })
})

afterAll(async () => {
  await gateway.stop()
  await upstream.close()
})

/** A program that is not ours, with the local CA as its only trust and every name verified. */
describe.each([
  ['--http1.1', '1.1'],
  ['--http2', '2'],
])('curl %s', (flag, version) => {
  test('verifies the certificate and speaks that protocol', async () => {
    const out = await curl(
      gateway,
      'https://app.localhost/x?y=1',
      flag,
      '--write-out',
      ' HTTP/%{http_version} %{ssl_verify_result}',
    )
    expect(out).toBe(`GET /x?y=1 0 HTTP/${version} 0`)
  })

  test('verifies a name below a wildcard', async () => {
    expect(await curl(gateway, 'https://tenant.app.localhost/', flag)).toBe('GET / 0')
  })

  test('uploads a file, by 100-continue and without', async () => {
    const file = path.join(gateway.dataDir, 'upload')
    await writeFile(file, Buffer.alloc(2_500_000, 'y'))
    expect(await curl(gateway, 'https://app.localhost/put', flag, '--upload-file', file)).toBe('PUT /put 2500000')
    const post = ['--data-binary', `@${file}`, '--header', 'Expect:']
    expect(await curl(gateway, 'https://app.localhost/post', flag, ...post)).toBe('POST /post 2500000')
    const chunked = ['--data-binary', `@${file}`, '--header', 'Transfer-Encoding: chunked']
    if (version === '1.1')
      expect(await curl(gateway, 'https://app.localhost/c', flag, ...chunked)).toBe('POST /c 2500000')
  })

  test('downloads', async () => {
    expect(await curl(gateway, 'https://app.localhost/large', flag)).toHaveLength(3_000_000)
  })

  test('follows the redirect from plain HTTP', async () => {
    const out = await curl(
      gateway,
      'http://app.localhost/from?x=1',
      ...[flag, '--location', '--connect-to', `app.localhost:80:127.0.0.1:${gateway.httpPort}`],
    )
    expect(out).toBe('GET /from?x=1 0')
  })

  test('sends several requests over one connection', async () => {
    const out = await curl(gateway, 'https://app.localhost/[1-5]', flag, '--write-out', ' %{num_connects}\n')
    expect(out).toBe('GET /1 0 1\nGET /2 0 0\nGET /3 0 0\nGET /4 0 0\nGET /5 0 0\n')
  })
})
