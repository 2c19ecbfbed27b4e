import { mkdir, readFile, writeFile } from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ControlClient } from '../../src/main/engine/control/control-client.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import { Sandbox, Server } from '../main/cli/portico.js'
import { freePort } from '../support/free-port.js'
import { type PlayedCloudflared, PUBLIC_HOST, playCloudflared } from '../support/played-cloudflared.js'
import { startUpstream, type TestUpstream } from '../support/upstream.js'
import { until, within } from '../support/wait.js'

/** The gateway, a relay with a domain and `portico share`, each in a process of its own. */

const START_MS = 20_000
let box: Sandbox
let relayBox: Sandbox
let relay: Server
let port: number
let app: TestUpstream
let tool: PlayedCloudflared
let engine: ControlClient

beforeAll(async () => {
  app = await startUpstream((request, response) => void response.end(`shop says ${request.url}`))
  tool = await playCloudflared()
  box = await Sandbox.make()
  relayBox = await Sandbox.make()
  box.env.PATH = `${tool.env.PATH}:${process.env.PATH}`
  const gatewayDir = path.join(relayBox.dataDir, 'gateway')
  await mkdir(gatewayDir, { recursive: true })
  const config = { version: 1, listen: { http: 0 }, panel: { enabled: false } }
  await writeFile(path.join(gatewayDir, 'config.json'), JSON.stringify(config))
  await writeFile(box.configFile, JSON.stringify({ version: 1, apps: [{ name: 'shop', port: app.port }] }))
  port = await freePort()
  await Promise.all([box.serve(), startRelay()])
  const made = await relayBox.run('relay', 'token', 'create', '--agent', 'laptop')
  const token = /ptk_[\w-]+/.exec(made.stdout)?.[0] ?? ''
  engine = await ControlClient.connect({ dataDir: box.dataDir, platform: currentPlatform() })
  const ca = await readFile(path.join(gatewayDir, 'ca', 'ca.pem'), 'utf8')
  await engine.call('share.relay.save', { url: relayUrl(), token, ca })
})

afterAll(async () => {
  await engine.close()
  await box.close()
  await relayBox.close()
  await app.close()
  await tool.close()
})

function relayUrl(): string {
  return `wss://relay.localhost:${port}`
}

async function startRelay(): Promise<void> {
  relay = new Server(relayBox.spawn('relay', 'serve', '--listen', `127.0.0.1:${port}`, '--domain', 'relay.localhost'))
  await until(
    () => relay.stdout.includes('wss://'),
    () => `the relay: ${relay.stderr}`,
    START_MS,
  )
}

/** @returns what a visitor gets; null while there is nothing under the name */
async function visit(name: string, target: string): Promise<string | null> {
  const host = `${name}.relay.localhost`
  const options = { host: '127.0.0.1', port, servername: host, rejectUnauthorized: false, agent: false as const }
  return new Promise((resolve) => {
    https
      .get({ ...options, path: target, headers: { host: `${host}:${port}` } }, (response) => {
        void text(response).then((body) => resolve(response.statusCode === 200 ? body : null))
      })
      .on('error', () => resolve(null))
  })
}

async function started(...words: string[]): Promise<Server> {
  const sharing = new Server(box.spawn('share', ...words))
  await until(
    () => sharing.stdout !== '',
    () => `the address: ${sharing.stderr}`,
    START_MS,
  )
  return sharing
}

test('by the relay that is saved: a relay that is killed and comes back is told of, and the address stays', async () => {
  const sharing = await started('shop', '--name', 'preview', '--expires', '8h')
  const url = `https://preview.relay.localhost:${port}`
  expect(sharing.stdout).toBe(`${url}\n`)
  await until(() => /^Until .+\.\n$/.test(sharing.stderr), 'its end is told')
  expect(await visit('preview', '/a')).toBe('shop says /a')
  const listed = await box.run('shares')
  expect(listed.stdout).toMatch(/^ID +APP +BY +STATE +ADDRESS +VISITORS +IN +OUT +UNTIL\n/)
  expect(listed.stdout).toContain(`shop  ${relayUrl()}  open   ${url}`)
  const [share] = JSON.parse((await box.run('shares', '--json')).stdout)
  expect(share).toMatchObject({ app: 'shop', state: 'open', url, stats: { requests: 1 } })

  relay.child.kill('SIGKILL')
  await until(() => sharing.stderr.includes('The connection to the relay is lost'), 'it is told')
  await startRelay()
  await until(() => sharing.stderr.includes('It is open again.'), 'it is open again', START_MS)
  expect(await visit('preview', '/b')).toBe('shop says /b')
  expect(sharing.stdout).toBe(`${url}\n`)

  const twice = await box.run('share', 'shop', '--to', relayUrl())
  expect(twice).toMatchObject({ code: 1, stdout: '' })
  expect(twice.stderr).toContain(`"shop" is shared by ${relayUrl()} already, at ${url}.\n`)
  expect(twice.stderr).toContain(`portico shares stop ${share.id}`)
  const stopped = await box.run('shares', 'stop', share.id)
  expect(stopped.stdout).toBe(`"shop" is not shared by ${relayUrl()} any more.\n`)
  expect(await within(sharing.ended, 'its end')).toBe(0)
  expect(sharing.stderr).toContain(`${url} is no longer there: It was stopped.\n`)
})

test('by a tool: at the address that it tells, until a signal ends it and the tool', async () => {
  const sharing = await started('shop', '--via', 'cloudflared')
  expect(sharing.stdout).toBe(`https://${PUBLIC_HOST}\n`)
  const { pid } = await tool.run()
  sharing.child.kill('SIGINT')
  expect(await within(sharing.ended, 'its end', 10_000)).toBe(0)
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  expect((await box.run('shares')).stdout).toMatch(/cloudflared +ended .* It was stopped\n/)
})

test('a tool that is left behind by a gateway that was killed ends with the next one’s start', async () => {
  const second = await Sandbox.make()
  try {
    second.env.PATH = box.env.PATH as string
    await writeFile(second.configFile, JSON.stringify({ version: 1, apps: [{ name: 'shop', port: app.port }] }))
    const gateway = await second.serve()
    const before = await tool.run()
    const sharing = new Server(second.spawn('share', 'shop', '--via', 'cloudflared'))
    const { pid } = await tool.run(before.pid)
    const noted = async () => (await readFile(path.join(second.dataDir, 'processes.json'), 'utf8')).includes(`${pid}`)
    await until(async () => noted().catch(() => false), 'it is noted')
    gateway.child.kill('SIGKILL')
    expect(await within(sharing.ended, 'the command ends')).toBe(1)
    expect(sharing.stderr).toContain('Portico has stopped.\n')
    await second.serve()
    const gone = () => {
      try {
        return !process.kill(pid, 0)
      } catch {
        return true
      }
    }
    await until(gone, 'the tool has ended', 10_000)
    expect((await second.run('shares')).stdout).toBe('No app is shared. Share one: portico share APP\n')
  } finally {
    await second.close()
  }
})

test('what cannot be is told with what to do', async () => {
  const outcomes = await Promise.all([
    box.run('share', 'nobody'),
    box.run('share', 'shop', '--via', 'cloudflared', '--to', relayUrl()),
    box.run('share', 'shop', '--via', 'cloudflared', '--name', 'x'),
    box.run('share', 'shop', '--via', 'telnet'),
    box.run('share', 'shop', '--token', 'ptk_x'),
    box.run('shares', 'stop', 'none'),
  ])
  expect(outcomes.map(({ code, stderr }) => `${code} ${stderr.split('\n')[0]}`)).toEqual([
    '1 There is no app "nobody".',
    '2 --via is for tools, and --to, --token, --token-file, --agent, --ca for relays.',
    '2 Cloudflare Tunnel chooses the name by itself.',
    expect.stringMatching(/^2 Option '--via <tool>' argument 'telnet' is invalid/),
    '2 There is no relay to share the app by.',
    '1 There is no share "none".',
  ])
})
