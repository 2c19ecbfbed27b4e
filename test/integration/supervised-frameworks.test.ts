import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { leasePort } from '../../src/main/engine/supervisor/port-lease.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import type { ProcessConfig } from '../../src/shared/config.js'
import type { ProcessStatus } from '../../src/shared/window-schemas.js'
import { type ClientResponse, HTTP2 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { until } from '../support/wait.js'

const MODULES = path.resolve('node_modules')
const START_MS = 60_000
/** A test runs in a process with settings of its own, which are nothing to a dev server. */
const NOT_A_TEST = {
  NODE_ENV: 'development',
  VITEST: '',
  CI: '',
  ASTRO_TELEMETRY_DISABLED: '1',
  NPM_CONFIG_OFFLINE: 'true',
}

/** `npm run dev` of a project whose script takes its port by a flag, and not from PORT. */
const VITE = {
  'package.json': JSON.stringify({ private: true, type: 'module', scripts: { dev: 'vite' } }),
  'vite.config.js': 'export default { cacheDir: ".cache" }',
  'index.html': '<!doctype html><title>shop</title><h1>a page of Vite</h1>',
}

test('Vite, through npm', { timeout: 120_000 }, async () => {
  const { gateway, status } = await supervise(VITE, { command: 'npm run dev' })
  const { port } = await status('running')
  expect((await get(gateway)).text).toContain('a page of Vite')
  expect(await output(gateway)).toContainEqual(expect.stringContaining(`http://127.0.0.1:${port}/`))
})

test('Vite, for a host outside .localhost, which it refuses unless it is told', { timeout: 120_000 }, async () => {
  const hosts = ['shop.localhost', 'shop.test']
  const { gateway, status } = await supervise(VITE, { command: 'vite' }, hosts)
  await status('running')
  expect(await get(gateway, 'shop.test')).toMatchObject({
    status: 200,
    text: expect.stringContaining('a page of Vite'),
  })
})

test('Vite says when it is ready', { timeout: 120_000 }, async () => {
  const { gateway, status } = await supervise(VITE, { command: ['npx', 'vite'], readyWhen: 'ready in \\d+ ms' })
  await status('running')
  expect((await get(gateway)).status).toBe(200)
})

test('Astro, on the port that its script names itself', { timeout: 120_000 }, async () => {
  const own = await leasePort(null, (port) => port < 5_000)
  const { gateway, status } = await supervise(
    {
      'package.json': JSON.stringify({ private: true, type: 'module', scripts: { dev: `astro dev --port ${own}` } }),
      'src/pages/index.astro': '---\nconst name = Astro.url.hostname\n---\n<h1>a page of Astro for {name}</h1>',
    },
    { command: 'npm run dev' },
  )
  expect((await status('running')).port).toBe(own)
  expect((await get(gateway)).text).toContain('a page of Astro')
  expect(await output(gateway)).toContain(`the command names its own port, ${own}, which is used instead of a free one`)
})

test('Astro, in a folder below, behind another command', { timeout: 120_000 }, async () => {
  const { gateway, status } = await supervise(
    {
      'web/package.json': JSON.stringify({ private: true, type: 'module', scripts: { dev: 'astro dev' } }),
      'web/src/pages/index.astro': '<h1>a page of Astro</h1>',
    },
    { command: 'cd web && npm run dev', health: { path: '/' } },
  )
  await status('running')
  expect((await get(gateway)).text).toContain('a page of Astro')
})

test('a server of Python, which prints through a pipe as it would to a terminal', { timeout: 60_000 }, async () => {
  const { gateway, status } = await supervise(
    { 'index.html': 'a page of Python' },
    { command: 'python3 -m http.server' },
  )
  await status('running')
  expect((await get(gateway)).text).toBe('a page of Python')
  await until(
    async () => (await output(gateway)).some((line) => line.includes('"GET / HTTP')),
    'the line of the request',
  )
})

test('a server that boots slowly: a request waits for it, and a crash is told with its last lines', async () => {
  const { gateway, status } = await supervise(
    { 'boot.mjs': SLOW_STARTER },
    { command: `"${process.execPath}" boot.mjs` },
  )
  await status('starting')
  const answer = await get(gateway)
  expect(answer).toMatchObject({ status: 200, text: 'booted' })
  const lines = await output(gateway)
  expect(lines.filter((line) => /^=>/.test(line))).toEqual([
    '=> Booting',
    '=> Rails-like application starting',
    '=> Loading 3/3',
  ])

  await HTTP2.request(gateway, { host: 'shop.localhost', method: 'POST', path: '/crash' })
  const { exit } = await status('backing-off')
  expect(exit).toMatchObject({ code: 7, lastLines: expect.arrayContaining(['Error: no such table: users']) })
  await status('running')
  expect((await get(gateway)).text).toBe('booted')
}, 60_000)

/** Prints what it does, a progress bar among it, and listens after three seconds. */
const SLOW_STARTER = `
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
console.log('=> Booting')
await delay(1000)
console.log('\\x1b[1m=> Rails-like application starting\\x1b[0m')
for (const step of [1, 2, 3]) {
  process.stdout.write('\\r=> Loading ' + step + '/3')
  await delay(step === 3 ? 0 : 50)
}
process.stdout.write('\\n')
await delay(1900)
http.createServer((request, response) => {
  if (request.url !== '/crash') return response.end('booted')
  console.error('\\x1b[31mError: no such table: users\\x1b[0m')
  process.exit(7)
}).listen(process.env.PORT, process.env.HOST)
`

/** A project with these files, run by an engine of its own as the app "shop". */
async function supervise(files: Record<string, string>, config: ProcessConfig, hosts?: string[]) {
  const project = await makeProject(files)
  const gateway = await startGateway(
    {
      apps: [
        {
          name: 'shop',
          process: { cwd: project, env: NOT_A_TEST, startTimeout: '55s', ...config },
          ...(hosts === undefined ? {} : { hosts }),
        },
      ],
    },
    { host: hostFacts(currentPlatform()) },
  )
  onTestFinished(() => gateway.stop())
  const find = async () => (await gateway.engine.call('processes.list', {})).find(({ app }) => app === 'shop')
  return {
    gateway,
    /** Waits until the process is in a state. */
    async status(state: ProcessStatus['state']): Promise<ProcessStatus> {
      let last: ProcessStatus | undefined
      await until(
        async () => {
          last = await find()
          if (last?.state === 'failed') throw new Error(`it failed: ${last.reason} ${last.exit?.lastLines.join('\n')}`)
          return last?.state === state
        },
        () => `"${state}"; it is ${JSON.stringify(last)}`,
        START_MS,
      )
      return last as ProcessStatus
    },
  }
}

async function makeProject(files: Record<string, string>): Promise<string> {
  const project = await mkdtemp(path.join(os.tmpdir(), 'portico-framework-'))
  onTestFinished(() => rm(project, { recursive: true, force: true, maxRetries: 5 }))
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(project, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  for (const folder of new Set(
    Object.keys(files)
      .filter((file) => file.endsWith('package.json'))
      .map(path.dirname),
  )) {
    await symlink(MODULES, path.join(project, folder, 'node_modules'), 'junction')
  }
  return project
}

function get(gateway: TestGateway, host = 'shop.localhost'): Promise<ClientResponse> {
  return HTTP2.request(gateway, { host })
}

async function output(gateway: TestGateway): Promise<string[]> {
  const lines = await gateway.engine.call('output.list', { app: 'shop' })
  return lines.map(({ text }) => text.replace(/\x1b\[[\d;]*m/g, ''))
}
