import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readReport } from '../../../../src/main/platform/elevation/report.js'
import { quoted, shellScript } from '../../../../src/main/platform/elevation/shell-script.js'
import { runProgram } from '../../../../src/main/platform/plan/run-program.js'
import { makePlan, type Plan, type Step } from '../../../../src/shared/plan.js'
import { until } from '../../../support/wait.js'

let folder: string
const at = (name: string) => path.join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "portico script's "))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (name: string, content: string, mode = 0o644): Step => ({
  kind: 'write-file',
  path: at(name),
  content,
  mode,
  elevated: true,
  why: '',
})
const command = (program: string, ...args: string[]): Extract<Step, { kind: 'command' }> => ({
  kind: 'command',
  program,
  args,
  elevated: true,
  why: '',
})
const remove = (name: string): Step => ({ kind: 'remove-file', path: at(name), elevated: true, why: '' })

async function execute(...plans: Plan[]) {
  const { stdout, stderr, exitCode } = await runProgram('/bin/sh', ['-s'], { stdin: shellScript(plans) })
  return { ...readReport(stdout, plans), stderr, exitCode }
}

test('files are written with their mode, removed, and commands run with what they are to read', async () => {
  await writeFile(at('old'), 'x')
  const plan = makePlan('all', [
    { kind: 'note', text: 'by hand' },
    write('new/deep.txt', 'no line end', 0o640),
    remove('old'),
    { ...command('sh', '-c', `cat >${quoted(at('out'))}`), stdin: "it's\nread" },
  ])
  const { begun, outcomes, stderr } = await execute(plan)
  expect(stderr).toBe('')
  expect(begun).toBe(true)
  expect(outcomes[0]).toEqual([undefined, ...[1, 2, 3].map(() => ({ state: 'done', message: '' }))])
  expect(await readFile(at('new/deep.txt'), 'utf8')).toBe('no line end')
  expect((await stat(at('new/deep.txt'))).mode & 0o777).toBe(0o640)
  expect(await readFile(at('out'), 'utf8')).toBe("it's\nread")
  expect(existsSync(at('old'))).toBe(false)
})

test('what fails takes back the steps before it, in its own plan only', async () => {
  await writeFile(at('kept'), 'before', { mode: 0o600 })
  await symlink('elsewhere', at('link'))
  const good = makePlan('good', [write('good', 'stays')])
  const bad = makePlan('bad', [
    write('kept', 'after', 0o644),
    write('made/new', 'new'),
    remove('link'),
    { ...command('touch', at('touched')), undo: { program: 'rm', args: [at('touched')] } },
    { ...command('sh', '-c', `cat ${quoted(at('kept'))} >>${quoted(at('seen'))}`), refresh: true },
    command('sh', '-c', 'echo no such luck >&2; exit 3'),
    write('never', ''),
  ])
  const { outcomes } = await execute(bad, good)
  expect(outcomes[0]?.map((outcome) => outcome?.state)).toEqual([
    ...['undone', 'undone', 'undone', 'undone', 'undone', 'failed'],
    undefined,
  ])
  expect(outcomes[0]?.[5]?.message).toBe('no such luck')
  expect(outcomes[1]?.[0]?.state).toBe('done')
  expect(await readFile(at('kept'), 'utf8')).toBe('before')
  expect((await stat(at('kept'))).mode & 0o777).toBe(0o600)
  expect(await readlink(at('link'))).toBe('elsewhere')
  expect((await readdir(folder)).sort()).toEqual(['good', 'kept', 'link', 'seen'])
  // The refresh ran with the new content, and again with the old one after that was put back.
  expect(await readFile(at('seen'), 'utf8')).toBe('afterbefore')
})

test('a script of which a part is missing does nothing', async () => {
  const script = shellScript([makePlan('one', [write('a', '1'), write('b', '2')])])
  for (const share of [0.5, 0.9, 0.99]) {
    await runProgram('/bin/sh', ['-s'], { stdin: script.slice(0, Math.floor(script.length * share)) })
    expect(await readdir(folder)).toEqual([])
  }
})

test('a folder in the place of a file is refused and stays', async () => {
  await mkdir(at('taken'))
  await writeFile(at('taken/inside'), '')
  const { outcomes } = await execute(makePlan('one', [write('taken', 'x')]))
  expect(outcomes[0]?.[0]).toMatchObject({ state: 'failed', message: expect.stringContaining('is a folder') })
  expect(await readdir(at('taken'))).toEqual(['inside'])
})

test('no text reaches the shell as anything but text', { timeout: 60_000 }, async () => {
  const printable = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'))
  const nasty = fc.constantFrom("'; touch pwned; '", '$(touch pwned)', '`touch pwned`', '\\', '\n', "'\\''", '%s', '-n')
  await fc.assert(
    fc.asyncProperty(fc.oneof(nasty, printable), fc.oneof(nasty, printable), async (content, word) => {
      const plan = makePlan('x', [
        write('content', content),
        { ...command('sh', '-c', `printf %s "$1" >${quoted(at('word'))}`, 'sh', word), stdin: word },
      ])
      const { outcomes, stderr } = await execute(plan)
      expect(stderr).toBe('')
      expect(outcomes[0]?.map((one) => one?.state)).toEqual(['done', 'done'])
      expect(await readFile(at('content'), 'utf8')).toBe(Buffer.from(content).toString())
      expect(await readFile(at('word'), 'utf8')).toBe(Buffer.from(word).toString())
    }),
    { numRuns: 40 },
  )
  expect(existsSync('pwned')).toBe(false)
})

test('an unwritable place is told, and the file that was there is whole', async () => {
  const plan = makePlan('x', [{ ...write('x', 'x'), path: '/proc/portico/never' } as Step])
  const { outcomes } = await execute(plan)
  expect(outcomes[0]?.[0]?.state).toBe('failed')
  expect(outcomes[0]?.[0]?.message).not.toBe('')
})

test('ending the script from outside takes back what it had done', async () => {
  const plan = makePlan('slow', [write('first', 'x'), command('sh', '-c', `: >${quoted(at('begun'))}; sleep 30`)])
  const child = spawn('/bin/sh', ['-s'], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  child.stdin.end(shellScript([plan]))
  await until(() => existsSync(at('begun')), 'the second step')
  expect(existsSync(at('first'))).toBe(true)
  process.kill(-child.pid!, 'SIGTERM')
  await until(() => !existsSync(at('first')), 'the first step taken back')
})
