import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AccessLog } from '../../../../src/main/engine/observe/access-log/access-log.js'
import type { Rotation } from '../../../../src/main/engine/observe/access-log/append-file.js'
import { FileSink } from '../../../../src/main/engine/observe/access-log/file-sink.js'
import { StreamSink } from '../../../../src/main/engine/observe/access-log/stream-sink.js'
import { accessLogSchema } from '../../../../src/shared/observe-schema.js'
import { until } from '../../../support/wait.js'
import { entry, exchange } from './observed-exchange.js'

let folder: string
let file: string
const FOREVER: Rotation = { maxBytes: 1e9, maxAgeMs: null, keep: 5, gzip: false }

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'portico-logs-'))
  file = path.join(folder, 'access.log')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const soon = () => performance.now() + 5_000

/** Every line in all the files of the folder, the oldest file first. */
async function allLines(): Promise<string[]> {
  const number = (name: string) => Number(/\.(\d+)(?:\.gz)?$/.exec(name)?.[1] ?? 0)
  const names = (await readdir(folder)).sort((a, b) => number(b) - number(a))
  const texts = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(path.join(folder, name))
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    }),
  )
  return texts.join('').split('\n').slice(0, -1)
}

test.each([false, true])('no line is lost or torn by rotation (packed: %s)', async (gzip) => {
  const sink = new FileSink(file, { maxBytes: 20_000, maxAgeMs: null, keep: 1000, gzip }, { changed: () => {} })
  const wanted: string[] = []
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 100; i++) {
      const line = JSON.stringify({ round, i, filler: 'x'.repeat((round * 31 + i) % 90) })
      wanted.push(line)
      sink.write(`${line}\n`)
    }
    const size = wanted.join('\n').length
    // A file may be renamed between the look at the folder and the look at the file.
    const there = async () => (await allLines().catch(() => [])).join('\n').length
    await until(async () => (await there()) >= size, 'the lines of this round')
  }
  await sink.close(soon())
  expect(sink.dropped).toBe(0)
  expect(await allLines()).toEqual(wanted)
  const names = await readdir(folder)
  expect(names.length).toBeGreaterThan(3)
  if (gzip) expect(names.filter((name) => name !== 'access.log' && !name.endsWith('.gz'))).toEqual([])
})

test('there are never more full files than are to be kept, and fewer when the config says so', async () => {
  for (let number = 1; number <= 9; number++) await writeFile(`${file}.${number}`, `${number}\n`)
  await writeFile(`${file}.1.gz.part`, 'somebody else')
  const sink = new FileSink(file, { maxBytes: 10, maxAgeMs: null, keep: 3, gzip: false }, { changed: () => {} })
  sink.write('before the turn\n')
  await until(async () => (await stat(file).catch(() => null))?.size === 16, 'the first line')
  sink.write('after the turn\n')
  await sink.close(soon())
  expect((await readdir(folder)).sort()).toEqual(
    ['access.log', 'access.log.1', 'access.log.1.gz.part', 'access.log.2', 'access.log.3'].sort(),
  )
  expect(await readFile(`${file}.1`, 'utf8')).toBe('before the turn\n')
  expect(await readFile(`${file}.2`, 'utf8')).toBe('1\n')
})

test('an old file is turned over, whatever its size', async () => {
  const sink = new FileSink(file, { maxBytes: 1e9, maxAgeMs: 1, keep: 5, gzip: false }, { changed: () => {} })
  sink.write('one\n')
  await until(async () => (await stat(file).catch(() => null))?.size === 4, 'the first line')
  const { birthtimeMs } = await stat(file)
  await until(() => Date.now() > birthtimeMs + 1, 'its age')
  sink.write('two\n')
  await sink.close(soon())
  expect(await readFile(`${file}.1`, 'utf8')).toBe('one\n')
  expect(await readFile(file, 'utf8')).toBe('two\n')
})

test.each([true, false])(
  'a file that is renamed is let go, and no line is lost (another there at once: %s)',
  async (made) => {
    const sink = new FileSink(file, FOREVER, { changed: () => {} })
    let written = 0
    const more = async () => {
      sink.write(`${written++}\n`)
      return ((await stat(file).catch(() => null))?.size ?? 0) > 0
    }
    await until(more, 'the file')
    await rename(file, `${file}.taken`)
    if (made) await writeFile(file, '')
    await until(more, 'the file, anew')
    await sink.close(soon())
    const lines = (await readFile(`${file}.taken`, 'utf8')) + (await readFile(file, 'utf8'))
    expect(lines).toBe(Array.from({ length: written }, (_, i) => `${i}\n`).join(''))
  },
)

test('while a file cannot be written lines wait, the reason is told once, and what is too much is counted', async () => {
  await mkdir(file)
  const told: (string | null)[] = []
  const changed = () => told.push(sink.trouble)
  const sink: FileSink = new FileSink(file, FOREVER, { changed, retryMs: 5, maxQueued: 100 })
  for (let i = 0; i < 30; i++) sink.write(`line ${String(i).padStart(2, '0')}\n`)
  await until(() => told.length > 0, 'the reason')
  expect(told[0]).toMatch(/access\.log cannot be written: EISDIR/)
  expect(sink.dropped).toBe(30 - 12)
  await rm(file, { recursive: true })
  await until(() => told.length > 1, 'that it works again')
  await sink.close(soon())
  expect(told).toEqual([expect.any(String), null])
  expect((await allLines()).length).toBe(12)
})

test('a full disk costs lines, and the file has whole ones only', async () => {
  // The kernel's own full device: every write fails with ENOSPC.
  const sink = new FileSink('/dev/full', FOREVER, { changed: () => {}, retryMs: 5 })
  sink.write('one\n')
  await until(() => sink.trouble !== null, 'the reason')
  expect(sink.trouble).toContain('ENOSPC')
  const begun = performance.now()
  await sink.close(begun + 100)
  // One that is being written at the deadline is counted when that has failed.
  await until(() => sink.dropped === 1, 'the count')
})

test('a stop does not wait for a disk that does not answer', async () => {
  const sink = new FileSink(path.join(folder, 'no', '\0'), FOREVER, { changed: () => {}, retryMs: 60_000 })
  sink.write('one\n')
  await until(() => sink.trouble !== null, 'the reason')
  await sink.close(performance.now() + 50)
  await until(() => sink.dropped === 1, 'the count')
})

test('standard output that is not read loses lines, and says so by a count', async () => {
  const slow = new Writable({ highWaterMark: 1, write: () => {} })
  const sink = new StreamSink(slow, () => {}, 10)
  for (let i = 0; i < 10; i++) sink.write('12345\n')
  expect(sink.dropped).toBe(8)
  slow.destroy(new Error('EPIPE'))
  await until(() => sink.trouble !== null, 'the reason')
  sink.write('more\n')
  expect(sink.dropped).toBe(9)
  await sink.close(soon())
})

test('each app has its file, one that it names, or none, and a reload loses nothing', async () => {
  const log = new AccessLog({ stdout: process.stdout, changed: () => {} })
  const settings = accessLogSchema.parse({ file: path.join(folder, '{app}.log') })
  const apps = [
    { name: 'shop' },
    { name: 'own', accessLog: path.join(folder, 'x') },
    { name: 'quiet', accessLog: false as const },
  ]
  const write = (app: string | null) =>
    log.write(entry({ app }), exchange({ app: app === null ? null : { name: app } }))
  log.apply(settings, apps)
  for (const app of ['shop', 'own', 'quiet', null, 'gone']) write(app)
  log.apply(accessLogSchema.parse({ file: path.join(folder, 'all.log') }), apps)
  write('shop')
  log.apply(settings, apps)
  write('shop')
  await log.close(soon())
  const count = async (name: string) => (await readFile(path.join(folder, name), 'utf8')).split('\n').length - 1
  expect((await readdir(folder)).sort()).toEqual(['all.log', 'gone.log', 'no-app.log', 'shop.log', 'x'])
  expect(await Promise.all(['shop.log', 'x', 'no-app.log', 'all.log'].map(count))).toEqual([2, 1, 1, 1])
  expect(log.dropped).toBe(0)
})
