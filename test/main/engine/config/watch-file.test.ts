import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchFile } from '../../../../src/main/engine/config/watch-file.js'
import { folder, until } from './support.js'

test('many writes in a row are one touch, and a file that never rests is looked at all the same', async () => {
  const file = path.join(await folder(), 'config.json')
  await writeFile(file, '0')
  let touches = 0
  const watch = await watchFile(
    file,
    () => touches++,
    () => {},
  )
  onTestFinished(() => watch.close())
  for (let index = 1; index <= 5; index++) await writeFile(file, String(index))
  await until(() => touches > 0, 'the burst was seen')
  expect(touches).toBe(1)
  let restless = true
  const writing = (async () => {
    for (let index = 0; restless; index++) {
      await writeFile(file, `restless ${index}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  await until(() => touches > 1, 'it was looked at in spite of the writes', 2_000).finally(() => {
    restless = false
  })
  await writing
})
