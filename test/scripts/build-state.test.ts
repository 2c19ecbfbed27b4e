import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildNeeded } from '../../scripts/build-state.ts'

const OUTPUTS = ['main/cli.js', 'main/index.js', 'main/engine-process.js', 'preload/index.cjs', 'renderer/index.html']
let root = ''

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'portico-build-'))
  await put('src/main/cli.ts', 100)
  await put('package-lock.json', 100)
  for (const file of OUTPUTS) await put(`out/${file}`, 200)
  for (const folder of ['src/main', 'src']) await utimes(path.join(root, folder), 100, 100)
})

afterEach(() => rm(root, { recursive: true, force: true }))

/** Makes a file that was changed at this time, in seconds. */
async function put(file: string, time: number): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true })
  await writeFile(path.join(root, file), '')
  await utimes(path.join(root, file), time, time)
}

test('a build that is newer than all it is made of is kept', () => {
  expect(buildNeeded(root)).toBe(false)
})

test.each(OUTPUTS)('a missing %s needs a build', async (file) => {
  await rm(path.join(root, 'out', file))
  expect(buildNeeded(root)).toBe(true)
})

test.each(['src/main/cli.ts', 'package-lock.json', 'electron.vite.config.ts'])(
  'a newer %s needs a build',
  async (file) => {
    await put(file, 300)
    expect(buildNeeded(root)).toBe(true)
  },
)

test('a source that was removed needs a build', async () => {
  await rm(path.join(root, 'src/main/cli.ts'))
  expect(buildNeeded(root)).toBe(true)
})
