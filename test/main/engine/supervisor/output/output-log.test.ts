import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { OutputLog } from '../../../../../src/main/engine/supervisor/output/output-log.js'
import { RotatingFile } from '../../../../../src/main/engine/supervisor/output/rotating-file.js'
import type { OutputLine } from '../../../../../src/shared/window-schemas.js'
import { until } from '../../../../support/wait.js'

test('lines have numbers, times and streams, and notes stand where they were made', async () => {
  const log = makeLog()
  log.append('stdout', Buffer.from('one\ntwo without an end'))
  log.note('exited with code 1')
  log.append('stderr', Buffer.from('three\n'))
  await until(() => log.lines().length === 4, 'four lines')

  expect(log.lines().map(({ seq, stream, text }) => [seq, stream, text])).toEqual([
    [1, 'stdout', 'one'],
    [2, 'stdout', 'two without an end'],
    [3, 'portico', 'exited with code 1'],
    [4, 'stderr', 'three'],
  ])
  expect(new Date(log.lines()[0]!.time).toISOString()).toBe(log.lines()[0]!.time)
})

test('a prompt without a line end is shown', async () => {
  const log = makeLog()
  log.append('stdout', Buffer.from('Overwrite? [y/N] '))
  await until(() => log.lines().length === 1, 'the prompt')
  expect(log.lines()[0]?.text).toBe('Overwrite? [y/N] ')
})

test('the latest 5,000 lines are kept, and asked for by number', () => {
  const log = makeLog()
  for (let round = 0; round < 7; round++) {
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${round * 1_000 + index + 1}\n`)
    log.append('stdout', Buffer.from(lines.join('')))
    log.flush()
  }
  const kept = log.lines()
  expect(kept.length).toBe(5_000)
  expect(kept[0]).toMatchObject({ seq: 2_001, text: 'line 2001' })
  expect(log.lines({ limit: 2 }).map(({ seq }) => seq)).toEqual([6_999, 7_000])
  expect(log.lines({ after: 6_998 }).map(({ seq }) => seq)).toEqual([6_999, 7_000])
  expect(log.lines({ after: 7_000 })).toEqual([])
})

test('long lines are kept within 8 million characters', () => {
  const log = makeLog()
  for (let count = 0; count < 1_000; count++) {
    log.append('stdout', Buffer.from(`${'x'.repeat(16_000)}\n`))
    log.flush()
  }
  const kept = log.lines()
  expect(kept.at(-1)?.seq).toBe(1_000)
  expect(kept.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(8 * 1024 * 1024)
  expect(kept.length).toBeGreaterThan(500)
})

test('the last lines come without ANSI sequences, without notes, and with what has no end yet', () => {
  const log = makeLog()
  log.append('stderr', Buffer.from('\x1b[31mError:\x1b[0m no such table\n\x1b]8;;http://a\x07link\x1b]8;;\x07'))
  log.note('exited with code 1')
  expect(log.lastLines(10)).toEqual(['Error: no such table', 'link'])
  expect(log.lastLines(1)).toEqual(['link'])
})

test('followers are told of lines together, and no more after they have left', async () => {
  const log = makeLog()
  const calls: OutputLine[][] = []
  const leave = log.onLines((lines) => calls.push(lines))
  for (let count = 0; count < 100; count++) log.append('stdout', Buffer.from(`${count}\n`))
  await until(() => calls.flat().length === 100, 'a hundred lines')
  expect(calls.length).toBe(1)
  leave()
  log.note('unheard')
  expect(calls.flat().length).toBe(100)
})

test('a flood is read piece by piece, says what it left out, and ends with its last lines', async () => {
  const log = makeLog()
  const calls: OutputLine[][] = []
  log.onLines((lines) => calls.push(lines))
  const line = `${'x'.repeat(99)}\n`
  const chunk = Buffer.from(line.repeat(640))
  for (let count = 0; count < 320; count++) log.append('stdout', chunk)
  log.append('stdout', Buffer.from('the end\n'))
  await until(() => log.lines({ limit: 1 })[0]?.text === 'the end', 'the last line', 20_000)

  const leftOut = calls.flat().filter(({ stream }) => stream === 'portico')
  expect(leftOut.length).toBeGreaterThan(0)
  expect(leftOut[0]?.text).toMatch(/^\d+\.\d MB of output are left out here/)
  expect(Math.max(...calls.map(({ length }) => length))).toBeLessThanOrEqual(2_001)
})

test('a process that prints without end is held up, and goes on', async () => {
  const log = makeLog()
  const chunk = Buffer.from('y\n'.repeat(32 * 1024))
  let taken = 0
  let wait: Promise<void> | null = null
  while (wait === null && taken < 1_000) {
    wait = log.append('stdout', chunk)
    taken++
  }
  expect(taken * chunk.length).toBeLessThanOrEqual(4 * 1024 * 1024)
  await wait
  expect(log.append('stdout', chunk)).toBeNull()
  while (wait !== null) wait = log.append('stdout', chunk)
  const held = (async () => {
    for (let count = 0; count < 200; count++) await log.append('stdout', chunk)
  })()
  await log.close()
  await held
})

test('the file has every line, and is appended to', async () => {
  const file = path.join(await makeDirectory(), 'logs', 'shop.log')
  for (const run of ['first', 'second']) {
    const log = new OutputLog({ file })
    log.append('stdout', Buffer.from(`${run} \x1b[1mrun\x1b[0m\nno end`))
    log.note('stopped')
    await log.close()
  }
  expect(await readFile(file, 'utf8')).toBe(
    'first \x1b[1mrun\x1b[0m\nno end\n[portico] stopped\nsecond \x1b[1mrun\x1b[0m\nno end\n[portico] stopped\n',
  )
})

test('the file may change while lines go on', async () => {
  const directory = await makeDirectory()
  const [one, two] = [path.join(directory, 'one.log'), path.join(directory, 'two.log')]
  const log = new OutputLog({ file: one })
  log.note('first')
  log.writeTo(two)
  log.note('second')
  await log.close()
  expect(log.lines().map(({ seq }) => seq)).toEqual([1, 2])
  await until(async () => (await readFile(one, 'utf8')) === '[portico] first\n', 'the first file')
  expect(await readFile(two, 'utf8')).toBe('[portico] second\n')
})

test('a full file is renamed, and five of them are kept', async () => {
  const directory = await makeDirectory()
  const file = path.join(directory, 'shop.log')
  const rotating = new RotatingFile(file, fail, { maxBytes: 100, files: 5 })
  for (let count = 1; count <= 9; count++) {
    rotating.append(`${String(count).repeat(80)}\n`)
    await rotating.close()
  }
  expect((await readdir(directory)).sort()).toEqual(['shop.log', ...[1, 2, 3, 4, 5].map((n) => `shop.log.${n}`)])
  const contents = await Promise.all(['', '.1', '.5'].map((ending) => readFile(file + ending, 'utf8')))
  expect(contents.map((text) => text[0])).toEqual(['9', '8', '4'])
})

test('a file that cannot be written is told of once, and the lines are there all the same', async () => {
  const directory = await makeDirectory()
  const blocker = path.join(directory, 'not-a-directory')
  await writeFile(blocker, '')
  const log = new OutputLog({ file: path.join(blocker, 'shop.log') })
  onTestFinished(() => log.close())
  log.append('stdout', Buffer.from('one\n'))
  await until(() => log.lines().some(({ stream }) => stream === 'portico'), 'the trouble')
  log.append('stdout', Buffer.from('two\n'))
  await until(() => log.lines().some(({ text }) => text === 'two'), 'the second line')
  log.note('a note')
  const lines = log.lines()
  expect(lines.map(({ text }) => text)).toEqual([
    'one',
    expect.stringMatching(/^the output cannot be written to .*: (ENOTDIR|EEXIST)/),
    'two',
    'a note',
  ])
})

test('a full disk is told of, and does not stop the log', { skip: process.platform !== 'linux' }, async () => {
  const log = new OutputLog({ file: '/dev/full' })
  onTestFinished(() => log.close())
  log.append('stdout', Buffer.from('one\n'))
  await until(() => log.lines().some(({ text }) => text.includes('ENOSPC')), 'the trouble')
  log.append('stdout', Buffer.from('two\n'))
  await until(() => log.lines().at(-1)?.text === 'two', 'the next line')
})

function fail(sentence: string): void {
  throw new Error(sentence)
}

function makeLog(): OutputLog {
  const log = new OutputLog()
  onTestFinished(() => log.close())
  return log
}

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'portico-output-'))
  onTestFinished(async () => {
    await chmod(directory, 0o700)
    await rm(directory, { recursive: true })
  })
  return directory
}
