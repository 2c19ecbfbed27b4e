import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchFile } from '../../../../src/main/engine/config/watch-file.js'
import { runUnderShell } from './child.js'
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

const WITHOUT_INOTIFY =
  'exec unshare --user --map-root-user sh -c \'echo 0 > /proc/sys/user/max_inotify_watches; exec "$@"\' sh "$@"'

test.skipIf(!canUnshare())(
  'where the system has no watch left, the file is polled, and edits are still seen within a second',
  async () => {
    const file = path.join(await folder(), 'config.json')
    const told = JSON.parse(await runUnderShell(WITHOUT_INOTIFY, 'unwatchable-store.ts', [file])) as {
      warnings: string[]
      ms: number
    }
    expect(told.warnings).toEqual(['the config file can not be watched, so it is polled'])
    expect(told.ms).toBeLessThan(1_000)
  },
)

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', 'test', '-w', '/proc/sys/user/max_inotify_watches'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    // Not Linux, or user namespaces are switched off: the run lists the test as skipped.
    return false
  }
}
