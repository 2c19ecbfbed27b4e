import path from 'node:path'
import { expect, test } from 'vitest'
import { windowFolder } from '../../../src/main/host/window-folder.js'

test.each([
  ['/code/portico/out/main', '/code/portico/out/renderer'],
  ['/code/portico/out/main/chunks', '/code/portico/out/renderer'],
  ['/opt/Portico/resources/app.asar/out/main', '/opt/Portico/resources/renderer'],
  ['/opt/Portico/resources/app.asar/out/main/chunks', '/opt/Portico/resources/renderer'],
])('the window of what runs in %s is in %s', (folder, expected) => {
  expect(windowFolder(folder)).toBe(path.normalize(expected))
})
