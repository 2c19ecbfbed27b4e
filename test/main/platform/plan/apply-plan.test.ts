import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { applyPlans } from '../../../../src/main/platform/plan/apply-plan.js'
import { type RunProgram, runProgram } from '../../../../src/main/platform/plan/run-program.js'
import { makePlan, type Step } from '../../../../src/shared/plan.js'

let folder: string
const at = (name: string) => path.join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'portico-plan-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (name: string, elevated = false, content = name): Step => ({
  kind: 'write-file',
  path: at(name),
  content,
  mode: 0o600,
  elevated,
  why: '',
})
const fails = (elevated = false): Step => ({
  kind: 'command',
  program: 'sh',
  args: ['-c', 'echo no >&2; exit 1'],
  elevated,
  why: '',
})

/** pkexec as it is when the person approves, and how often it was asked. */
function approving(): { run: RunProgram; asked: () => number } {
  let count = 0
  const run: RunProgram = (program, args, options) => {
    if (program !== 'pkexec') return runProgram(program, args, options)
    count++
    return runProgram(args[0]!, args.slice(1), options)
  }
  return { run, asked: () => count }
}

const refusing: RunProgram = async (program, args, options) =>
  program === 'pkexec'
    ? { exitCode: 126, stdout: '', stderr: 'Error executing command as another user: Request dismissed' }
    : runProgram(program, args, options)

describe('without elevation', () => {
  test('steps are done in order, and one that fails takes back those before it', async () => {
    await writeFile(at('old'), 'old', { mode: 0o640 })
    await symlink('old', at('link'))
    const steps: Step[] = [
      write('old', false, 'new'),
      write('sub/new'),
      { kind: 'remove-file', path: at('link'), elevated: false, why: '' },
      { kind: 'make-directory', path: at('made'), mode: 0o700, elevated: false, why: '' },
      fails(),
      write('never'),
    ]
    const [outcome] = await applyPlans([makePlan('x', steps)], { way: null, run: runProgram })
    expect(outcome).toMatchObject({ state: 'failed', message: 'sh: no' })
    expect(outcome?.steps.map(({ state }) => state)).toEqual([
      ...['undone', 'undone', 'undone', 'undone'],
      ...['failed', 'skipped'],
    ])
    expect(await readFile(at('link'), 'utf8')).toBe('old')
    expect((await stat(at('old'))).mode & 0o777).toBe(0o640)
    expect((await readdir(folder)).sort()).toEqual(['link', 'old'])
  })

  test('a plan that fails leaves the others alone', async () => {
    const plans = [makePlan('a', [write('a'), fails()]), makePlan('b', [write('b')])]
    const outcomes = await applyPlans(plans, { way: null, run: runProgram })
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'done'])
    expect(await readdir(folder)).toEqual(['b'])
  })

  test('a program that is not there is told as such', async () => {
    const step: Step = { kind: 'command', program: at('nothing'), args: [], elevated: false, why: '' }
    const [outcome] = await applyPlans([makePlan('x', [step])], { way: null, run: runProgram })
    expect(outcome?.state).toBe('failed')
    expect(outcome?.message).toContain('ENOENT')
  })
})

describe('with elevation', () => {
  test('all that is elevated shares one approval, between what comes before and after it', async () => {
    const { run, asked } = approving()
    const plans = [
      makePlan('a', [write('a1'), write('a2', true), { kind: 'note', text: '' }, write('a3', true), write('a4')]),
      makePlan('b', [write('b1', true)]),
      makePlan('c', [write('c1')]),
    ]
    const outcomes = await applyPlans(plans, { way: 'pkexec', run })
    expect(outcomes.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    expect(outcomes[0]?.steps.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done'])
    expect((await readdir(folder)).sort()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'c1'])
    expect(asked()).toBe(1)
  })

  test('a refusal leaves nothing done, in any plan', async () => {
    const plans = [makePlan('a', [write('a1'), write('a2', true)]), makePlan('b', [write('b1')])]
    const outcomes = await applyPlans(plans, { way: 'pkexec', run: refusing })
    expect(outcomes.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
    expect(outcomes[0]?.message).toContain('Request dismissed')
    expect(await readdir(folder)).toEqual([])
  })

  test('where nobody can be asked nothing is done', async () => {
    const plans = [makePlan('a', [write('a1', true)]), makePlan('b', [write('b1')])]
    const outcomes = await applyPlans(plans, { way: null, run: runProgram })
    expect(outcomes.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
    expect(await readdir(folder)).toEqual([])
  })

  test('what fails with an administrator’s rights takes back what was done before without them', async () => {
    const plans = [makePlan('a', [write('a1'), write('a2', true), fails(true)]), makePlan('b', [write('b1', true)])]
    const outcomes = await applyPlans(plans, { way: 'pkexec', run: approving().run })
    expect(outcomes.map(({ state, message }) => [state, message])).toEqual([
      ['failed', 'no'],
      ['done', ''],
    ])
    expect(await readdir(folder)).toEqual(['b1'])
  })

  test('what fails before the approval is not gone on with', async () => {
    const plans = [makePlan('a', [fails(), write('a2', true)]), makePlan('b', [write('b1', true)])]
    const outcomes = await applyPlans(plans, { way: 'pkexec', run: approving().run })
    expect(outcomes.map(({ state }) => state)).toEqual(['failed', 'done'])
    expect(existsSync(at('a2'))).toBe(false)
  })
})

test('elevated steps with others between them make no plan', () => {
  expect(() => makePlan('x', [write('a', true), write('b'), write('c', true)])).toThrow(TypeError)
})
