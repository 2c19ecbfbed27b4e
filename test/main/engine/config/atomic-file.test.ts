import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { removeDebris, writeAtomically } from '../../../../src/main/engine/config/atomic-file.js'
import { runUnderShell, startScript } from './child.js'
import { folder, unprivileged, until } from './support.js'

const onWindows = path.sep === '\\'

test('a new file is private, and so is the folder made for it', async () => {
  const file = path.join(await folder(), 'portico', 'config.json')
  await writeAtomically(file, 'new')
  expect(await readFile(file, 'utf8')).toBe('new')
  if (onWindows) return
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700)
})

test('a file that is replaced keeps its permissions, and its content becomes the one backup', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(file, 'first')
  await chmod(file, 0o664)
  await writeAtomically(file, 'second', { backup: true })
  await writeAtomically(file, 'third', { backup: true })
  expect(await readFile(file, 'utf8')).toBe('third')
  expect(await readFile(`${file}.bak`, 'utf8')).toBe('second')
  expect((await readdir(dir)).sort()).toEqual(['config.json', 'config.json.bak'])
  if (!onWindows) expect((await stat(file)).mode & 0o777).toBe(0o664)
})

test('a symbolic link stays one, and the file it leads to is replaced', async () => {
  const dir = await folder()
  await mkdir(path.join(dir, 'dotfiles'))
  const real = path.join(dir, 'dotfiles', 'portico.json')
  const link = path.join(dir, 'config.json')
  await symlink('dotfiles/portico.json', link)
  await writeAtomically(link, 'made through the link')
  await writeAtomically(link, 'replaced through the link', { backup: true })
  expect(await readlink(link)).toBe('dotfiles/portico.json')
  expect(await readFile(real, 'utf8')).toBe('replaced through the link')
  expect((await readdir(path.join(dir, 'dotfiles'))).sort()).toEqual(['portico.json', 'portico.json.bak'])
})

test('a write that is no longer wanted changes neither the file nor its backup', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(file, 'theirs')
  expect(await writeAtomically(file, 'ours', { backup: true, stillWanted: async () => false })).toBe(false)
  expect(await readFile(file, 'utf8')).toBe('theirs')
  expect(await readdir(dir)).toEqual(['config.json'])
})

test.skipIf(onWindows)('a folder without write permission is a fault with a remedy', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(file, 'old', { mode: 0o666 })
  await chmod(dir, 0o555)
  await unprivileged(async () => {
    const fault = { code: 'config-unwritable', hint: expect.stringContaining('right to write') }
    await expect(writeAtomically(file, 'new', { backup: true })).rejects.toMatchObject(fault)
  })
  expect(await readFile(file, 'utf8')).toBe('old')
  await chmod(dir, 0o700)
})

test.skipIf(onWindows)('a full disk is a fault with a remedy, and leaves the old file and nothing else', async () => {
  // A limit on the file size fails a write in the middle, as a full disk does: part of the text is on disk by then.
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(file, 'old')
  const output = await runUnderShell('ulimit -f 64; trap "" XFSZ; exec "$@"', 'full-disk-writer.ts', [file])
  expect(JSON.parse(output)).toMatchObject({ code: 'config-unwritable', hint: expect.any(String) })
  expect(await readFile(file, 'utf8')).toBe('old')
  expect(await readdir(dir)).toEqual(['config.json'])
})

test('a path through a file is a fault', async () => {
  const file = path.join(await folder(), 'plain')
  await writeFile(file, '')
  await expect(writeAtomically(path.join(file, 'config.json'), 'x')).rejects.toMatchObject({
    code: 'config-unwritable',
  })
})

test('kill -9 at any moment leaves the old or the new file, never half of one', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  let furthest = 0
  for (let round = 0; round < 12; round++) {
    const writer = startScript('endless-writer.ts', [file])
    await once(writer.stdout, 'data')
    await new Promise((resolve) => setTimeout(resolve, 5 + round * 7))
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    for (const name of [file, `${file}.bak`]) {
      const text = await readFile(name, 'utf8').catch(() => null)
      if (text === null) continue
      const written = JSON.parse(text) as { round: number; last: number }
      expect(written.last).toBe(written.round)
      furthest = Math.max(furthest, written.round)
    }
  }
  expect(furthest).toBeGreaterThan(0)
  await removeDebris(file)
  expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

test('debris of killed writers is removed; that of living ones and other files stay', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  const gone = startScript('full-disk-writer.ts', [])
  await once(gone, 'exit')
  const ours = `.config.json.${process.pid}-0123456789ab.tmp`
  for (const name of [
    `.config.json.${gone.pid}-0123456789ab.tmp`,
    `.config.json.bak.${gone.pid}-0123456789ab.tmp`,
    ours,
    '.config.json.swp',
  ]) {
    await writeFile(path.join(dir, name), '')
  }
  await removeDebris(file)
  await until(async () => (await readdir(dir)).length === 2, 'only two files left')
  expect((await readdir(dir)).sort()).toEqual([ours, '.config.json.swp'].sort())
})
