import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { secretKeyIn } from '../../../../src/main/engine/secret-key.js'
import { StickyValues } from '../../../../src/main/engine/upstreams/sticky-values.js'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'portico-sticky-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('values differ by backend and by key, and fit into a cookie', () => {
  const [one, other] = [1, 2].map((byte) => new StickyValues(() => Buffer.alloc(32, byte))) as [
    StickyValues,
    StickyValues,
  ]
  expect(one.of('a')).toMatch(/^[\w-]{12}\.[\w-]{24}$/)
  expect(one.of('a')).toBe(one.of('a'))
  expect(new Set([one.of('a'), one.of('b'), other.of('a')]).size).toBe(3)
  expect(one.of('a').split('.')[0]).toBe(other.of('a').split('.')[0])
})

test('the key is made when it is first needed, only for its owner to read, and found again', () => {
  const file = path.join(dir, 'sticky.key')
  const key = secretKeyIn(file, () => {})
  expect(() => statSync(file)).toThrow()
  const made = key()
  expect(made).toHaveLength(32)
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(secretKeyIn(file, () => {})()).toEqual(made)
  expect(readFileSync(file)).toEqual(made)
})

test('where it cannot be saved there is one for as long as the engine runs', () => {
  const unwritable = vi.fn()
  const key = secretKeyIn(path.join(dir, 'no', 'such', 'folder'), unwritable)
  expect(key()).toHaveLength(32)
  expect(key()).toBe(key())
  expect(unwritable).toHaveBeenCalledOnce()
})
