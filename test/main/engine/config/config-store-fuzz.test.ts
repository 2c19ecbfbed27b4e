import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseConfig } from '../../../../src/main/engine/config/parse-config.js'
import { DESIGN_EXAMPLE } from './example-config.js'
import { folder, openStore } from './support.js'

test('whatever is written into the file, the config in use is the last one that was valid', async () => {
  const file = path.join(await folder(), 'config.json')
  await writeFile(file, JSON.stringify(DESIGN_EXAMPLE))
  const { store } = await openStore(file)
  let good = store.current
  await fc.assert(
    fc.asyncProperty(content(), async (bytes) => {
      await writeFile(file, bytes)
      await store.reload()
      const parsed = parseConfig(Buffer.from(bytes).toString())
      if (parsed.ok && Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes))) good = parsed.config
      expect(store.current).toEqual(good)
      expect(store.error === null).toBe(store.current !== undefined && parsed.ok)
    }),
    { numRuns: 25 },
  )
})

test('hand edits and edits by command at once never lose an app that either of them added', async () => {
  const file = path.join(await folder(), 'config.json')
  const { store } = await openStore(file)
  const { readFileSync, renameSync, writeFileSync } = await import('node:fs')
  const byHand: string[] = []
  const addByHand = (name: string) => {
    const document = JSON.parse(readFileSync(file, 'utf8')) as { apps: object[] }
    document.apps.push({ name, port: 1 })
    writeFileSync(`${file}.hand`, JSON.stringify(document))
    renameSync(`${file}.hand`, file)
    byHand.push(name)
  }
  const commands = Array.from({ length: 15 }, (_, index) => {
    let first = true
    return store.edit((document) => {
      if (first && index % 2 === 0) addByHand(`hand-${index}`)
      first = false
      return { ...document, apps: [...(document.apps ?? []), { name: `command-${index}`, port: 1 }] }
    })
  })
  await Promise.all(commands)
  const names = (JSON.parse(readFileSync(file, 'utf8')) as { apps: { name: string }[] }).apps.map((app) => app.name)
  expect(names).toHaveLength(15 + byHand.length)
  expect(new Set(names)).toEqual(new Set([...byHand, ...Array.from({ length: 15 }, (_, index) => `command-${index}`)]))
  expect(store.current.apps.map((app) => app.name)).toEqual(names)
})

function content(): fc.Arbitrary<string | Uint8Array> {
  const valid = fc
    .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), { maxLength: 4 })
    .map((names) => JSON.stringify({ version: 1, apps: names.map((name) => ({ name, port: 3000 })) }))
  const text = JSON.stringify(DESIGN_EXAMPLE)
  const cut = fc.nat(text.length).map((length) => text.slice(0, length))
  return fc.oneof(valid, cut, fc.string(), fc.json(), fc.uint8Array({ maxLength: 50 }))
}
