import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serveStatic } from '../../../../../src/main/engine/gateway/static/serve-static.js'
import { CANARY, consume, makeSite, openFilesBelow, request, type Site } from './site.js'

let site: Site

beforeEach(async () => {
  site = await makeSite({
    'index.html': 'home',
    'sub/a.txt': 'inside',
    'docs/index.html': 'docs',
    'sub/canary.txt': 'a harmless namesake',
    '.hidden/canary.txt': CANARY,
    '.env': CANARY,
    'big.bin': Buffer.alloc(300_000, 'x'),
  })
  await mkdir(`${site.root}-evil`)
  await writeFile(path.join(`${site.root}-evil`, 'canary.txt'), CANARY)
  await writeFile(path.join(site.base, 'index.html'), CANARY)
  await symlink('..', path.join(site.root, 'out'))
  await symlink('../canary.txt', path.join(site.root, 'out.txt'))
  await symlink('sub', path.join(site.root, 'in'))
})

afterEach(async () => {
  const leaked = await openFilesBelow(site.base)
  await site.remove()
  expect(leaked).toEqual([])
})

const attacks = [
  '/../canary.txt',
  '/sub/../../canary.txt',
  '/%2e%2e/canary.txt',
  '/.%2e/canary.txt',
  '/%252e%252e/canary.txt',
  '/..%2fcanary.txt',
  '/..%252fcanary.txt',
  '/..%5ccanary.txt',
  '/..\\canary.txt',
  '/..;/canary.txt',
  '/..%00/canary.txt',
  '/%c0%ae%c0%ae/canary.txt',
  '/%c0%ae%c0%ae%c0%afcanary.txt',
  '/%uff0e%uff0e/canary.txt',
  '/../site-evil/canary.txt',
  '/out/canary.txt',
  '/out/site-evil/canary.txt',
  '/out.txt',
  '/out/',
  '/out',
  '/in/../../canary.txt',
  '/.env',
  '/.env%00.html',
  '/.hidden/canary.txt',
  '/out/site/.env',
  '//../canary.txt',
  'canary.txt',
]

test.each(attacks)('%j reads nothing outside and is refused', async (target) => {
  for (const spa of [false, true]) {
    const got = await site.get(target, { accept: '*/*' }, { spa })
    expect([400, 403, 404]).toContain(got.status)
    expect(got.body.length).toBe(0)
  }
})

test.each(['/sub/a.txt.', '/sub/a.txt%20', '/sub/a.txt::$DATA', '/con', '/aux.html', '/C:/x', '/SUB~1/a.txt', '/x:y'])(
  '%j is 404 on every operating system, even when such a file exists',
  async (target) => {
    await site.write(decodeURIComponent(target).slice(1), 'exists').catch(() => undefined)
    expect(await site.get(target, { accept: '*/*' })).toMatchObject({ status: 404 })
  },
)

test('an absolute path, encoded or not, is taken below the root', async () => {
  const outside = path.join(site.base, 'canary.txt')
  for (const target of [
    `/${outside}`,
    outside,
    `/${encodeURIComponent(outside)}`,
    `/${outside.replaceAll('/', '%2f')}`,
  ]) {
    expect(await site.get(target)).toMatchObject({ status: 404 })
  }
})

test('no path at all reads outside of the root, and none makes the server throw', async () => {
  const token = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('..', '.', '%2e', '%2e%2e', '%252e%252e', '.%2E', '..;', '%c0%ae') },
    { weight: 8, arbitrary: fc.constantFrom('/', '/', '/', '%2f', '%2F', '%5c', '\\', '%c0%af', '//') },
    { weight: 6, arbitrary: fc.constantFrom('canary.txt', 'out', 'out.txt', 'in', 'sub', 'site', 'site-evil', '.env') },
    { weight: 2, arbitrary: fc.constantFrom('%00', '%', ' ', '%20', '~1', ':', '::$DATA', '.hidden', 'index.html') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  )
  const headers = fc.record(
    {
      accept: fc.constantFrom('*/*', 'text/html', 'image/*'),
      range: fc.constantFrom('bytes=0-1', 'bytes=-1,0-0', 'bytes=9999-'),
      'accept-encoding': fc.constantFrom('br, gzip', '*;q=0'),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(token, { maxLength: 10 }), headers, fc.boolean(), async (tokens, fields, spa) => {
      const got = await site.get(`/${tokens.join('')}`, fields as Record<string, string>, { spa })
      expect(got.body.includes('CANARY')).toBe(false)
      expect([200, 206, 308, 400, 403, 404, 406, 416]).toContain(got.status)
    }),
    { numRuns: 1500, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
  )
})

test('a link swapped between inside and outside as fast as the machine can never shows the outside', async () => {
  const link = path.join(site.root, 'race')
  await symlink('sub', link)
  const swapper = new Worker(SWAPPER, { eval: true, workerData: { link, targets: ['..', 'sub'] } })
  const statuses = new Set<number>()
  try {
    await new Promise((resolve) => swapper.once('message', resolve))
    const deadline = performance.now() + 1500
    while (performance.now() < deadline) {
      const batch = await Promise.all(Array.from({ length: 4 }, () => site.get('/race/canary.txt')))
      for (const got of batch) {
        statuses.add(got.status)
        expect(got.body.includes('CANARY')).toBe(false)
      }
    }
  } finally {
    await swapper.terminate()
  }
  expect([...statuses].sort()).toEqual([200, 403])
})

const SWAPPER = `
  const { renameSync, symlinkSync } = require('node:fs')
  const { parentPort, workerData: { link, targets } } = require('node:worker_threads')
  for (let i = 0; ; i++) {
    symlinkSync(targets[i % 2], link + '.new')
    renameSync(link + '.new', link)
    if (i === 0) parentPort.postMessage('swapping')
  }
`

test('no kind of request leaves a file open', async () => {
  const dir = { dir: site.root, spa: true }
  const kinds: [target: string, headers: Record<string, string>, method?: string][] = [
    ['/sub/a.txt', {}],
    ['/big.bin', {}],
    ['/big.bin', {}, 'HEAD'],
    ['/big.bin', { 'if-none-match': '*' }],
    ['/big.bin', { 'if-match': '"x"' }],
    ['/big.bin', { range: 'bytes=999999-' }],
    ['/big.bin', { range: 'bytes=0-9,20-29' }],
    ['/big.bin', { 'accept-encoding': 'identity;q=0' }],
    ['/docs', {}],
    ['/in', {}],
    ['/out.txt', {}],
    ['/nothing', {}],
  ]
  for (const [target, headers, method = 'GET'] of kinds) {
    await consume(await serveStatic(dir, request(target, headers, { method })))
    expect(await openFilesBelow(site.base)).toEqual([])
    await (await serveStatic(dir, request(target, headers, { method }))).dispose()
    expect(await openFilesBelow(site.base)).toEqual([])
  }
})

test('when the process has no file handle left, the reply is 503 and the next one after is fine again', async () => {
  const soft = execFileSync('prlimit', [`--pid=${process.pid}`, '--nofile', '--noheadings', '--output=SOFT'], {
    encoding: 'utf8',
  }).trim()
  // Numbers kept back, so that the limit can be raised again by a child process.
  const spare = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'))
  const limit = Math.max(...spare) + 1
  execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${limit}:`])
  const fillers: number[] = []
  try {
    for (;;) fillers.push(openSync('/dev/null', 'r'))
  } catch {
    // Every number below the limit is taken now, which is what the test needs.
  }
  try {
    const got = await site.get('/sub/a.txt')
    expect(got).toMatchObject({ status: 503, reason: expect.stringContaining('EMFILE') })
  } finally {
    for (const fd of [...spare, ...fillers]) closeSync(fd)
    execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${soft}:`])
  }
  expect((await site.get('/sub/a.txt')).body.toString()).toBe('inside')
})
