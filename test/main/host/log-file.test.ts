import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LogFile } from '../../../src/main/host/log-file.js'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'portico-log-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

test('the engine log is private, and one start adds to the other', async () => {
  LogFile.open(directory).info('one')
  LogFile.open(directory).info({ err: new Error('two') }, 'failed')
  const file = path.join(directory, 'engine.log')
  const lines = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([{ msg: 'one' }, { msg: 'failed', err: { message: 'two' } }])
  expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
})

test('it never grows beyond a bound and keeps the latest', async () => {
  const log = LogFile.open(directory)
  const ballast = 'x'.repeat(64 * 1024)
  for (let count = 0; count < 300; count++) log.info({ count, ballast }, 'filling')
  const [now, before] = await Promise.all(
    ['engine.log', 'engine.log.1'].map((name) => stat(path.join(directory, name))),
  )
  expect(now!.size).toBeLessThan(6 * 1024 * 1024)
  expect(before!.size).toBeLessThan(6 * 1024 * 1024)
  expect(await readFile(path.join(directory, 'engine.log'), 'utf8')).toContain('"count":299,')
})
