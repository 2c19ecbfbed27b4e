import path from 'node:path'
import { onTestFinished } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { HTTP1, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { Listeners } from '../support/listener.js'
import { startUpstream } from '../support/upstream.js'

/** A gateway without apps on a machine where two projects listen, and nothing else that it sees. */
export async function startScene(): Promise<TestGateway> {
  const listeners = await Listeners.make()
  onTestFinished(() => listeners.close())
  const packageJson = (name: string, framework: string) =>
    JSON.stringify({ name, dependencies: { [framework]: '1.0.0' } })
  const own = [
    await listeners.node(
      await listeners.project('blog', { 'package.json': packageJson('blog', 'astro') }),
      '127.0.0.1',
    ),
    await listeners.node(
      await listeners.project('admin', { 'package.json': packageJson('admin', 'vite') }),
      '127.0.0.1',
    ),
  ].map(({ port }) => port)
  const host = hostFacts('linux')
  const portScanner = {
    scan: async () => (await host.portScanner.scan()).filter(({ port }) => own.includes(port)),
  }
  const gateway = await startGateway({}, { host: { ...host, portScanner }, version: '0.1.0' })
  onTestFinished(() => gateway.stop())
  return gateway
}

/** Apps and a little traffic of every kind: one that answers, one that does not, a directory, one that is off. */
export async function fillScene(gateway: TestGateway): Promise<void> {
  const shop = await startUpstream((request, response) => {
    const status = { '/missing.css': 404, '/old': 301 }[request.url ?? ''] ?? 200
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'accept' }
    response.writeHead(status, headers).end('{"items":[]}'.repeat(40))
  })
  const gone = await startUpstream()
  await gone.close()
  onTestFinished(() => shop.close())
  await gateway.configure({
    apps: [
      { name: 'shop', port: shop.port },
      { name: 'api', hosts: ['api.localhost', '*.api.localhost'], port: gone.port },
      { name: 'docs', static: { dir: './site', spa: true } },
      { name: 'legacy', enabled: false, port: 8080 },
    ],
  })
  for (let round = 0; round < 4; round++) await visit(gateway)
  await buy(gateway)
}

/** A request with a body. */
export async function buy(gateway: TestGateway): Promise<void> {
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['accept', 'application/json'],
  ]
  await HTTP2.request(gateway, { host: 'shop.localhost', method: 'POST', path: '/cart', headers, body: '{"id":7}' })
}

/** A browser's visit to the shop, and one call of the API that does not answer. */
export async function visit(gateway: TestGateway): Promise<void> {
  const paths = ['/', '/assets/app-4f1c2a.js', '/assets/main.css', '/missing.css', '/old', '/products?page=2']
  for (const path of paths) await HTTP2.request(gateway, { host: 'shop.localhost', path })
  await HTTP1.request(gateway, { host: 'api.localhost', path: '/v1/orders/7' })
}

/** Processes of the tests. */
const PROCESSES = path.resolve(import.meta.dirname, '../support/processes')

/** Apps with processes in several states, and backends of which one is out of use and another is drained. */
export async function fillProcesses(gateway: TestGateway): Promise<void> {
  const good = await startUpstream()
  const gone = await startUpstream()
  await gone.close()
  onTestFinished(() => good.close())
  const urls = ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${good.port}`)
  const backends = [...urls, `http://127.0.0.1:${gone.port}`].map((url) => ({ url }))
  await gateway.configure({
    apps: [
      { name: 'web', process: { command: 'node dev-server.mjs', cwd: PROCESSES } },
      { name: 'worker', process: { command: 'node no-database.mjs', cwd: PROCESSES } },
      { name: 'mail', process: { command: 'mailpit', start: 'request' } },
      { name: 'broken', process: { command: 'no-such-program --port 3000', cwd: '/nowhere' } },
      { name: 'report', process: { command: 'rake report', dependsOn: ['slow'] } },
      { name: 'slow', process: { command: 'node server.mjs --after=600000', cwd: PROCESSES, startTimeout: '20m' } },
      {
        name: 'shop',
        routes: [{ path: '/', upstream: { backends, breaker: { failures: 1, cooldown: '5m' } } }],
      },
    ],
  })
  for (let number = 0; number < 4; number++) await HTTP2.request(gateway, { host: 'shop.localhost', path: '/balanced' })
  await gateway.engine.call('backend.drain', { app: 'shop', url: urls[1] ?? '', draining: true })
}
