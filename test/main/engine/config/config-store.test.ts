import { chmod, mkdir, open, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ConfigStore } from '../../../../src/main/engine/config/config-store.js'
import { configText, folder, namesOf, openStore, silent, unprivileged, until } from './support.js'

/** A hand edit must be in use within this many ms. */
const ONE_SECOND = 1_000
const onWindows = path.sep === '\\'

async function storeWith(...names: string[]) {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(file, configText(...names))
  return { dir, file, ...(await openStore(file)) }
}

test('without a file a default one is made, private, with its schema beside it', async () => {
  const dir = path.join(await folder(), 'portico')
  const file = path.join(dir, 'config.json')
  const { store } = await openStore(file)
  expect(store.current.apps).toEqual([])
  expect(store.error).toBeNull()
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ $schema: './config.schema.json', version: 1, apps: [] })
  expect(JSON.parse(await readFile(path.join(dir, 'config.schema.json'), 'utf8'))).toMatchObject({
    title: 'Portico config',
  })
  if (onWindows) return
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(dir)).mode & 0o777).toBe(0o700)
})

test('at the first start an invalid file is refused with all its problems and left as it is', async () => {
  const file = path.join(await folder(), 'config.json')
  const text = '{"version":1,"apps":[{"name":"a","port":"x"},{"name":"B","port":1}]}'
  await writeFile(file, text)
  await expect(ConfigStore.open({ file, log: silent })).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringMatching(/2 problems:\n {2}apps\[0\]\.port: .*\n {2}apps\[1\]\.name: /),
    hint: expect.not.stringContaining('.bak'),
  })
  expect(await readFile(file, 'utf8')).toBe(text)
})

test('the refusal names the backup when that one is valid', async () => {
  const file = path.join(await folder(), 'config.json')
  await writeFile(file, '{')
  await writeFile(`${file}.bak`, configText('shop'))
  await expect(ConfigStore.open({ file, log: silent })).rejects.toMatchObject({
    hint: expect.stringContaining(`${file}.bak`),
  })
})

test('a folder in the place of the file is unreadable, not invalid', async () => {
  const file = path.join(await folder(), 'config.json')
  await mkdir(file)
  await expect(ConfigStore.open({ file, log: silent })).rejects.toMatchObject({ code: 'config-unreadable' })
})

test.skipIf(onWindows)('a file without read permission is unreadable, with the remedy', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(file, configText('a'))
  await chmod(file, 0)
  await chmod(dir, 0o755)
  await unprivileged(async () => {
    const fault = { code: 'config-unreadable', hint: expect.stringContaining('right to read') }
    await expect(ConfigStore.open({ file, log: silent })).rejects.toMatchObject(fault)
  })
})

test('UTF-16 and other encodings are named, not garbled', async () => {
  const file = path.join(await folder(), 'config.json')
  await writeFile(file, Buffer.from('\ufeff{"version":1}', 'utf16le'))
  await expect(ConfigStore.open({ file, log: silent })).rejects.toMatchObject({
    message: expect.stringContaining('UTF-16'),
  })
})

test.each<[string, (file: string, text: string) => Promise<void>]>([
  ['written in place', (file, text) => writeFile(file, text)],
  [
    'replaced by rename',
    async (file, text) => {
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
    },
  ],
  [
    'moved away and written anew, as vim does',
    async (file, text) => {
      await rename(file, `${file}~`)
      await writeFile(file, text)
      await rm(`${file}~`)
    },
  ],
  ['truncated and written in two quick steps', (file, text) => inTwoSteps(file, text, 60)],
  ['truncated and written in two slow steps', (file, text) => inTwoSteps(file, text, 130)],
])('a valid edit by hand is in use within a second when the file is %s, again and again', async (_, save) => {
  const { file, store, changes } = await storeWith('a')
  for (const round of [1, 2, 3]) {
    const name = `round-${round}`
    await save(file, configText('a', name))
    await until(() => namesOf(store).includes(name), `${name} is in use`, ONE_SECOND)
  }
  expect(changes.filter((change) => 'error' in change)).toEqual([])
  expect(changes).toHaveLength(3)
})

test('an edit through a symbolic link, to the target or of the link itself, is in use within a second', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  await writeFile(path.join(dir, 'one.json'), configText('one'))
  await writeFile(path.join(dir, 'two.json'), configText('two'))
  await symlink('one.json', file)
  const { store } = await openStore(file)
  await writeFile(path.join(dir, 'one.json'), configText('one', 'more'))
  await until(() => namesOf(store).includes('more'), 'the target was read', ONE_SECOND)
  await symlink('two.json', path.join(dir, 'next'))
  await rename(path.join(dir, 'next'), file)
  await until(() => namesOf(store).includes('two'), 'the new target was read', ONE_SECOND)
  await store.edit((document) => ({ ...document, apps: [] }))
  expect(JSON.parse(await readFile(path.join(dir, 'two.json'), 'utf8'))).toMatchObject({ apps: [] })
})

test('an invalid edit changes nothing, says why, leaves the file, and is over when it is mended', async () => {
  const { file, store, changes } = await storeWith('a')
  const before = store.current
  const broken = configText('a').replace('3000', '"3000"')
  await writeFile(file, broken)
  await until(() => store.error !== null, 'the error is known', ONE_SECOND)
  expect(store.current).toBe(before)
  expect(store.error?.problems).toEqual([
    { path: 'apps[0].port', message: expect.stringContaining('not the text "3000"') },
  ])
  expect(await readFile(file, 'utf8')).toBe(broken)
  await writeFile(file, configText('a'))
  await until(() => store.error === null, 'the error is over', ONE_SECOND)
  expect(changes.map((change) => Object.keys(change)[0])).toEqual(['error', 'config'])
})

test('a deleted file keeps serving and is reported; when it comes back it is read', async () => {
  const { file, store } = await storeWith('a')
  await rm(file)
  await until(() => store.error !== null, 'the loss is known', ONE_SECOND)
  expect(store.error?.message).toContain('is gone')
  expect(namesOf(store)).toEqual(['a'])
  await writeFile(file, configText('b'))
  await until(() => namesOf(store).includes('b'), 'the new file is in use', ONE_SECOND)
  expect(store.error).toBeNull()
})

test('a folder that is removed and made again does not end the watch', async () => {
  const dir = path.join(await folder(), 'portico')
  const file = path.join(dir, 'config.json')
  const { store } = await openStore(file)
  await rm(dir, { recursive: true })
  await until(() => store.error !== null, 'the loss is known', ONE_SECOND)
  await mkdir(dir)
  await writeFile(file, configText('back'))
  await until(() => namesOf(store).includes('back'), 'the new file is in use', ONE_SECOND)
})

test('an edit is saved, in use at once, told once, and backed up', async () => {
  const { file, store, changes } = await storeWith('a')
  const onlooker = await openStore(file)
  const before = await readFile(file, 'utf8')
  const config = await store.edit((document) => ({
    ...document,
    apps: [...(document.apps ?? []), { name: 'b', port: 4000 }],
  }))
  expect(config).toBe(store.current)
  expect(namesOf(store)).toEqual(['a', 'b'])
  expect(await readFile(file, 'utf8')).toBe(before.replace('3000 }\n', '3000 },\n    { "name": "b", "port": 4000 }\n'))
  expect(await readFile(`${file}.bak`, 'utf8')).toBe(before)
  // Once another store has seen the write, this one's watcher has too; a later hand edit proves it made nothing of it.
  await until(() => namesOf(onlooker.store).includes('b'), 'another store has seen the edit')
  await writeFile(file, configText('c'))
  await until(() => namesOf(store).includes('c'), 'the hand edit is in use')
  expect(changes).toHaveLength(2)
})

test('an edit that changes nothing writes nothing', async () => {
  const { file, store, changes } = await storeWith('a')
  const before = await stat(file)
  await store.edit((document) => document)
  expect((await stat(file)).ino).toBe(before.ino)
  expect(changes).toEqual([])
})

test('an edit whose result is invalid is refused and saves nothing', async () => {
  const { file, store } = await storeWith('a')
  const edit = store.edit((document) => ({ ...document, apps: [{ name: 'a', port: 0 }] }))
  await expect(edit).rejects.toMatchObject({ code: 'config-invalid', message: expect.stringContaining('apps[0].port') })
  expect(await readFile(file, 'utf8')).toBe(configText('a'))
  expect(namesOf(store)).toEqual(['a'])
})

test('an edit is refused while the file on disk is a half-finished edit by hand, which stays', async () => {
  const { file, store } = await storeWith('a')
  await writeFile(file, '{ "version": 1, "apps": [')
  const edit = store.edit((document) => ({ ...document, apps: [] }))
  await expect(edit).rejects.toMatchObject({ code: 'config-invalid', hint: expect.stringContaining('Finish or undo') })
  expect(await readFile(file, 'utf8')).toBe('{ "version": 1, "apps": [')
  expect(namesOf(store)).toEqual(['a'])
  expect(store.error).not.toBeNull()
})

test('an edit after the file was deleted makes it anew from the last good one', async () => {
  const { file, store } = await storeWith('a')
  await rm(file)
  await store.edit((document) => ({ ...document, apps: [...(document.apps ?? []), { name: 'b', port: 1 }] }))
  expect(namesOf(store)).toEqual(['a', 'b'])
  expect(store.error).toBeNull()
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ apps: [{ name: 'a' }, { name: 'b' }] })
})

test('edits at once are done one after the other, and none is lost', async () => {
  const { store } = await storeWith()
  const names = Array.from({ length: 20 }, (_, index) => `app-${index}`)
  await Promise.all(
    names.map((name) =>
      store.edit((document) => ({ ...document, apps: [...(document.apps ?? []), { name, port: 3000 }] })),
    ),
  )
  expect(namesOf(store)).toEqual(names)
})

test('a hand edit that falls into an edit is kept: the change is applied to it again', async () => {
  const { file, store } = await storeWith('a')
  const { writeFileSync } = await import('node:fs')
  let calls = 0
  await store.edit((document) => {
    if (calls++ === 0) writeFileSync(file, configText('a', 'by-hand'))
    return { ...document, apps: [...(document.apps ?? []), { name: 'by-command', port: 5000 }] }
  })
  expect(calls).toBe(2)
  expect(namesOf(store)).toEqual(['a', 'by-hand', 'by-command'])
  expect(JSON.parse(await readFile(`${file}.bak`, 'utf8'))).toMatchObject({
    apps: [{ name: 'a' }, { name: 'by-hand' }],
  })
})

test('a file that changes during every attempt ends in a conflict, not in a loss', async () => {
  const { file, store } = await storeWith('a')
  const { writeFileSync } = await import('node:fs')
  let calls = 0
  const edit = store.edit((document) => {
    writeFileSync(file, configText(`hand-${calls++}`))
    return { ...document, limits: { queue: 7 } }
  })
  await expect(edit).rejects.toMatchObject({ code: 'conflict' })
  expect(await readFile(file, 'utf8')).toBe(configText(`hand-${calls - 1}`))
})

test('a change that throws is passed on and the next edit works', async () => {
  const { store } = await storeWith('a')
  await expect(
    store.edit(() => {
      throw new Error('no such app')
    }),
  ).rejects.toThrow('no such app')
  await store.edit((document) => ({ ...document, apps: [] }))
  expect(namesOf(store)).toEqual([])
})

test('reload reads the file at once and tells the listeners either way', async () => {
  const { file, store, changes } = await storeWith('a')
  await writeFile(file, configText('b'))
  expect(await store.reload()).toMatchObject({ ok: true, config: { apps: [{ name: 'b' }] } })
  expect(namesOf(store)).toEqual(['b'])
  await writeFile(file, 'nonsense')
  expect(await store.reload()).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('line 1') }] })
  expect(namesOf(store)).toEqual(['b'])
  await rm(file)
  expect(await store.reload()).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining('gone') }] })
  // A look of the watcher's own may find the same first, and is then told as well.
  const told = changes.map((change) => ('config' in change ? 'good' : change.error.message))
  expect(told.filter((text, index) => text !== told[index - 1])).toEqual([
    'good',
    expect.stringContaining('is not valid'),
    expect.stringContaining('is gone'),
  ])
})

test('a listener that throws harms neither the others nor the store, and one that left hears nothing', async () => {
  const { store } = await storeWith('a')
  const heard: string[] = []
  store.onChange(() => {
    throw new Error('mine')
  })
  store.onChange(() => heard.push('second'))
  const leave = store.onChange(() => heard.push('third'))
  leave()
  await store.edit((document) => ({ ...document, apps: [] }))
  expect(heard).toEqual(['second'])
})

test('after close the file is no longer followed, and calls are refused', async () => {
  const { file, store, changes } = await storeWith('a')
  await store.close()
  await writeFile(file, configText('b'))
  await expect(store.reload()).rejects.toMatchObject({ code: 'not-running' })
  await expect(store.edit((document) => document)).rejects.toMatchObject({ code: 'not-running' })
  expect(changes).toEqual([])
})

test('a schema of an older version beside the config is brought up to date, a foreign one is left alone', async () => {
  const dir = await folder()
  const file = path.join(dir, 'config.json')
  const schema = path.join(dir, 'config.schema.json')
  await (await ConfigStore.open({ file, log: silent })).close()
  const current = await readFile(schema, 'utf8')
  await writeFile(schema, current.replace('"title": "Portico config"', '"title": "Old"'))
  await (await ConfigStore.open({ file, log: silent })).close()
  expect(await readFile(schema, 'utf8')).toBe(current)
  await writeFile(schema, '{}')
  await (await ConfigStore.open({ file, log: silent })).close()
  expect(await readFile(schema, 'utf8')).toBe('{}')
})

async function inTwoSteps(file: string, text: string, pauseMs: number): Promise<void> {
  const handle = await open(file, 'w')
  await handle.write(text.slice(0, 30))
  await new Promise((resolve) => setTimeout(resolve, pauseMs))
  await handle.write(text.slice(30))
  await handle.close()
}
