import { afterEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { recall, remember } from '../../src/renderer/stores/remembered.js'

const WIDTH = z.number().min(280)

afterEach(() => vi.unstubAllGlobals())

test('what was remembered is recalled, also by the next page', () => {
  store()
  remember('width', 320)
  expect(recall('width', WIDTH, 400)).toBe(320)
})

test.each(['', '{', '"wide"', '12', 'null', '[320]'])('%j counts as never said', (garbage) => {
  store({ 'portico.width': garbage })
  expect(recall('width', WIDTH, 400)).toBe(400)
})

test('a browser that keeps nothing is no fault', () => {
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new DOMException('denied', 'SecurityError')
    },
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError')
    },
  })
  remember('width', 320)
  expect(recall('width', WIDTH, 400)).toBe(400)
})

function store(kept: Record<string, string> = {}): void {
  const items = new Map(Object.entries(kept))
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  })
}
