import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { closingLine } from './closing-line-reporter.js'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portico-reporter-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const RUN = `
  const [reporter, root] = process.argv.slice(1)
  const { ClosingLineReporter } = await import(reporter)
  const { startVitest } = await import('vitest/node')
  const vitest = await startVitest('test', [], { root, config: false, watch: false, globals: true, reporters: [new ClosingLineReporter()] })
  await vitest.close()`

/** The last line that a run of these test files prints. */
async function lastLine(files: Record<string, string>): Promise<string | undefined> {
  return (await lines(files)).at(-1)
}

async function lines(files: Record<string, string>): Promise<string[]> {
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text)
  const reporter = path.join(import.meta.dirname, 'closing-line-reporter.ts')
  const { PORTICO_TEST_COUNTS_FILE: _, ...env } = process.env
  const stdout = await new Promise<string>((resolve) => {
    const cwd = path.resolve(import.meta.dirname, '../..')
    const args = ['--input-type=module', '--eval', RUN, reporter, folder]
    execFile(process.execPath, args, { cwd, env, timeout: 25_000 }, (_error, output) => resolve(output))
  })
  return stdout.trimEnd().split('\n')
}

describe('the last line of a test run', () => {
  test('counts tests by their outcome', async () => {
    const line = await lastLine({
      'a.test.js': `test('good', () => {}); test('bad', () => { throw new Error('x') }); test.skip('later', () => {})`,
      'b.test.js': `describe('nested', () => { test('good', () => {}) })`,
    })
    expect(line).toBe('2 passed, 1 failed, 1 skipped')
  })

  test('counts a file that cannot be loaded, a hook that fails and an error that nobody caught', async () => {
    const good = `test('good', () => {})`
    expect(await lastLine({ 'a.test.js': good, 'b.test.js': `throw new Error('broken')` })).toBe('1 passed, 1 failed')
    const hook = `describe('s', () => { beforeAll(() => { throw new Error('x') }); test('t', () => {}) })`
    expect(await lastLine({ 'b.test.js': hook })).toMatch(/^1 passed, [1-9]\d* failed/)
    const stray = `test('t', async () => { setTimeout(() => { throw new Error('stray') }); await new Promise((r) => setTimeout(r, 50)) })`
    expect(await lastLine({ 'b.test.js': stray })).toMatch(/^2 passed, 1 failed$/)
  })

  test('comes after the names of tests that passed at a second attempt only', async () => {
    const unsteady = `let tries = 0; test('unsteady', { retry: 1 }, () => expect(++tries).toBe(2)); test('good', () => {})`
    expect((await lines({ 'a.test.js': unsteady })).slice(-3)).toEqual([
      'Passed at a second attempt only:',
      '  a.test.js > unsteady',
      '2 passed, 0 failed',
    ])
  })

  test('is plain', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
    expect(closingLine({ passed: 3, failed: 2, skipped: 1 })).toBe('3 passed, 2 failed, 1 skipped')
  })
})
