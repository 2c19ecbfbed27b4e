import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { fileInside } from '../../../src/main/app/app-protocol.js'

vi.mock('electron', () => ({ protocol: {} }))

const ROOT = path.resolve('/srv/renderer')

test.each([
  ['app://portico/index.html', 'index.html'],
  ['app://portico/assets/a%20b.js?v=1#x', 'assets/a b.js'],
  ['app://portico/../../etc/passwd', 'etc/passwd'],
])('%s is %s of the folder', (address, file) => {
  expect(fileInside(ROOT, address)).toBe(path.join(ROOT, file))
})

test.each([
  'app://portico/..%2f..%2fetc/passwd',
  'app://portico/%2e%2e%2f%2e%2e%2fetc/passwd',
  'app://portico/..%5c..%5cwindows',
  'app://portico/..%2frenderer-of-another/x',
  'app://portico/C:%2fwindows',
  'app://portico/a%00.html',
  'app://portico/%',
  'app://other/index.html',
  'app://portico.evil/index.html',
  'https://portico/index.html',
  'index.html',
])('%s is no file of the folder', (address) => {
  expect(fileInside(ROOT, address)).toBeNull()
})
