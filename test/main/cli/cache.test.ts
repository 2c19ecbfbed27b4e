import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatCaches } from '../../../src/main/cli/cache-commands.js'
import { Sandbox, type Server } from './portico.js'

let box: Sandbox
let backend: http.Server

beforeEach(async () => {
  box = await Sandbox.make()
  backend = http.createServer((request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=600' }).end(request.url)
  })
  await once(backend.listen(0, '127.0.0.1'), 'listening')
})

afterEach(async () => {
  backend.close().closeAllConnections()
  await box.close()
})

test('what the caches keep is listed, with the answers of one app, and forgotten by path, below a prefix and as a whole', async () => {
  const { port } = backend.address() as AddressInfo
  const app = { name: 'shop', port, policies: { cache: {} } }
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps: [app] }))
  const server = await box.serve()
  for (const target of ['/a', '/a', '/img/1', '/img/2', '/z']) await visit(server, target)

  const all = await box.run('cache', 'list')
  expect(all.stdout.split('\n')[1]).toMatch(/^shop +4 +\d+ +0 +1 +4$/)
  const one = await box.run('cache', 'list', 'shop')
  expect(one.stdout).toMatch(/^https:\/\/shop\.localhost:\d+\/img\/2 +200 +6 +(600|599|59\d) s$/m)
  expect(JSON.parse((await box.run('cache', 'list', '--json')).stdout)).toMatchObject([
    { app: 'shop', entries: 4, hits: 1, misses: 4 },
  ])

  expect((await box.run('cache', 'purge', 'shop', '/img/*')).stdout).toBe('2 answers were removed.\n')
  expect((await box.run('cache', 'purge', 'shop', '/a')).stdout).toBe('One answer was removed.\n')
  expect((await box.run('cache', 'purge')).stdout).toBe('One answer was removed.\n')
  const none = await box.run('cache', 'list', 'nobody')
  expect([none.code, none.stdout, none.stderr.includes('There is no app "nobody".')]).toEqual([1, '', true])
})

test('without a cache it is said so, and what a URL holds stays out of the terminal', () => {
  expect(formatCaches([])).toEqual(['No app has a cache.'])
  const answer = { url: 'https://a.localhost/\u001b[31m', status: 200, bytes: 1, stored: '', freshMs: -1 }
  const answers = { latest: [{ ...answer, memory: true, disk: false, vary: [] }], largest: [] }
  const figures = { app: 'a', entries: 1, memoryBytes: 1, diskBytes: 0, hits: 0, misses: 1, answers }
  const [last = ''] = formatCaches([figures]).slice(-1)
  expect(last).toMatch(/ stale$/)
  expect(last).not.toContain('\u001b')
})

async function visit({ httpsPort: port }: Server, path: string): Promise<void> {
  const headers = { host: 'shop.localhost' }
  const options = { host: '127.0.0.1', port, path, servername: 'shop.localhost', headers, agent: false as const }
  const [response] = (await once(https.get({ ...options, rejectUnauthorized: false }), 'response')) as [
    http.IncomingMessage,
  ]
  await response.toArray()
}
