import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../support/wait.js'
import { Sandbox, Server } from './portico.js'

let near: Sandbox
let far: Sandbox

beforeEach(async () => {
  near = await Sandbox.make()
  far = await Sandbox.make()
})

afterEach(async () => {
  await near.close()
  await far.close()
})

async function serveRelay(port = 0): Promise<Server> {
  const place = ['--listen', `127.0.0.1:${port}`, '--domain', 'localhost']
  const server = new Server(far.spawn('relay', 'serve', ...place))
  await until(
    () => server.stdout.includes('audit log'),
    () => `the relay runs: ${server.stderr}`,
    15_000,
  )
  return server
}

test('an app is shared by a relay with a domain, both as processes, and again after the relay was killed', async () => {
  const folder = path.join(far.dataDir, 'gateway')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(path.join(folder, 'config.json'), '{"version":1,"listen":{"http":0},"panel":{"enabled":false}}')
  const token = (await far.run('relay', 'token', 'create', '--agent', 'laptop')).stdout
  const tokenFile = path.join(near.base, 'token')
  await writeFile(tokenFile, token, { mode: 0o600 })
  const first = await serveRelay()
  const port = Number(/wss:\/\/localhost:(\d+)\/agent/.exec(first.stdout)?.[1])
  await near.serve()
  await near.run('app', 'add', 'demo', '--demo')
  const caFile = path.join(folder, 'ca', 'ca.pem')
  const access = ['--to', `wss://localhost:${port}`, '--token-file', tokenFile, '--ca', caFile]
  const share = new Server(near.spawn('share', 'demo', ...access))
  const url = `https://demo.localhost:${port}`
  await until(
    () => share.stdout.includes(url),
    () => `the app is shared: ${share.stderr}`,
    15_000,
  )

  const ca = await readFile(caFile, 'utf8')
  const visit = async () => {
    const host = 'demo.localhost'
    const options = { host: '127.0.0.1', port, servername: host, ca, agent: false as const }
    const request = https.get({ ...options, headers: { host: `${host}:${port}` } })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return { status: response.statusCode, page: await text(response) }
  }
  expect(await visit()).toMatchObject({ status: 200, page: expect.stringContaining('<!doctype html>') })
  expect((await far.run('relay', 'status')).stdout).toContain(url)

  first.child.kill('SIGKILL')
  await first.ended
  await serveRelay(port)
  const served = () =>
    visit().then(
      ({ status }) => status === 200,
      () => false,
    )
  await until(served, 'the app is shared again', 15_000)
  share.child.kill('SIGINT')
  expect(await share.ended).toBe(0)

  // Saved, the relay needs to be told no more.
  expect((await near.run('shares', 'ways')).stdout).toContain('portico shares save')
  const wrong = path.join(near.base, 'wrong')
  await writeFile(wrong, `ptk_${'A'.repeat(43)}`, { mode: 0o600 })
  const save = ['shares', 'save', `wss://localhost:${port}`, '--ca', caFile, '--token-file']
  expect(await near.run(...save, wrong)).toMatchObject({ code: 1, stderr: expect.stringContaining('token') })
  expect((await near.run(...save, tokenFile)).stdout).toContain('saved')
  const ways = JSON.parse((await near.run('shares', 'ways', '--json')).stdout)
  expect(ways[0]).toEqual({ kind: 'relay', url: `wss://localhost:${port}`, customCa: true })
  const held = new Server(near.spawn('share', 'demo'))
  await until(
    () => held.stdout.includes(url),
    () => `the gateway shares the app: ${held.stderr}`,
    15_000,
  )
  expect((await visit()).status).toBe(200)
  held.child.kill('SIGINT')
  expect(await held.ended).toBe(0)
  expect((await near.run('shares', 'forget', `wss://localhost:${port}`)).code).toBe(0)
  expect((await near.run('share', 'demo')).stderr).toContain('no relay')
}, 90_000)
