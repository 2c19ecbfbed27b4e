import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { planWatch, watchFiles } from '../../../../src/main/engine/supervisor/watch-files.js'
import { until } from '../../../support/wait.js'

describe('which files are meant', () => {
  const cwd = path.resolve('/code/shop')
  test.each([
    { globs: ['src/**/*.py'], roots: ['src'], yes: ['src/a.py', 'src/a/b.py'], no: ['a.py', 'src/a.js'] },
    { globs: ['./src/**'], roots: ['src'], yes: ['src/a', 'src/b/c.txt'], no: ['test/a'] },
    { globs: ['**/*.{ts,js}'], roots: ['.'], yes: ['a.ts', 'x/y/b.js'], no: ['a.css', '.git/hook.js'] },
    {
      globs: ['.env', 'config/*.yml'],
      roots: ['.env', 'config'],
      yes: ['.env', 'config/a.yml'],
      no: ['config/a/b.yml'],
    },
    { globs: ['src/**', '!src/gen/**'], roots: ['src'], yes: ['src/a'], no: ['src/gen/a'] },
    { globs: ['../lib/**/*.rb'], roots: ['../lib'], yes: ['../lib/a.rb'], no: ['lib/a.rb'] },
  ])('$globs', ({ globs, roots, yes, no }) => {
    const plan = planWatch(globs, cwd)
    expect(plan.roots).toEqual(roots.map((root) => path.resolve(cwd, root)))
    expect(yes.filter((file) => !plan.matches(path.resolve(cwd, file)))).toEqual([])
    expect(no.filter((file) => plan.matches(path.resolve(cwd, file)))).toEqual([])
  })

  test('folders that tools fill are not looked at, unless they are named', () => {
    const folder = (name: string) => path.join(cwd, 'a', name)
    const plan = planWatch(['**/*.js'], cwd)
    expect(['node_modules', '.git', 'dist', '__pycache__'].filter((name) => !plan.skips(folder(name)))).toEqual([])
    expect(plan.skips(folder('src'))).toBe(false)
    expect(planWatch(['dist/**/*.js'], cwd).skips(path.join(cwd, 'dist'))).toBe(false)
    expect(planWatch(['**/*.js'], path.resolve('/code/build')).skips(path.resolve('/code/build'))).toBe(false)
  })
})

test('files that change, appear and go are told together; others are not', async () => {
  const { folder, calls } = await watched(['src/**/*.txt'], ['src/a.txt', 'src/deep/b.txt', 'src/c.txt'])
  await write(folder, 'src/a.md')
  await write(folder, 'src/node_modules/x/a.txt')
  await write(folder, 'src/a.txt')
  await write(folder, 'src/deep/b.txt')
  await rm(path.join(folder, 'src/c.txt'))
  await write(folder, 'src/new/d.txt')
  const told = () => new Set(calls.flat())
  await until(
    () => told().size >= 4,
    () => `four files, not ${[...told()]}`,
  )
  expect([...told()].sort()).toEqual(['src/a.txt', 'src/c.txt', 'src/deep/b.txt', 'src/new/d.txt'].map(native))
  expect(calls.length).toBeLessThanOrEqual(2)
})

test('a file that an editor replaces is told', async () => {
  const { folder, calls } = await watched(['app.py'], ['app.py'])
  await write(folder, '.app.py.swp')
  await rename(path.join(folder, '.app.py.swp'), path.join(folder, 'app.py'))
  await until(() => calls.length === 1, 'the change')
  expect(calls[0]).toEqual(['app.py'])
})

test('nothing is told after the end', async () => {
  const { folder, calls, watch } = await watched(['*.txt'], ['a.txt'])
  await write(folder, 'a.txt')
  await watch.close()
  const other = watchFiles(['*.txt'], folder, () => calls.push(['other']))
  onTestFinished(() => other.close())
  await other.ready
  await write(folder, 'a.txt')
  await until(() => calls.length > 0, 'the other watch')
  expect(calls).toEqual([['other']])
})

async function watched(globs: string[], files: string[]) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'portico-watch-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const file of files) await write(folder, file)
  const calls: string[][] = []
  const watch = watchFiles(globs, folder, (changed) => calls.push(changed))
  onTestFinished(() => watch.close())
  await watch.ready
  return { folder, calls, watch }
}

let version = 0

async function write(folder: string, file: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, file)), { recursive: true })
  await writeFile(path.join(folder, file), `version ${++version}`)
}

function native(file: string): string {
  return file.split('/').join(path.sep)
}
