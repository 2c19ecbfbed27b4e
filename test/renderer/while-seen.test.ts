import { afterEach, expect, test, vi } from 'vitest'
import { whileSeen } from '../../src/renderer/components/while-seen.js'

class Page extends EventTarget {
  visibilityState = 'visible'

  turn(to: 'visible' | 'hidden'): void {
    this.visibilityState = to
    this.dispatchEvent(new Event('visibilitychange'))
  }
}

function openPage(): Page {
  const page = new Page()
  vi.stubGlobal('document', page)
  return page
}

afterEach(() => vi.unstubAllGlobals())

test('a page that is seen draws at once, and not again when it is shown again', () => {
  const page = openPage()
  const draw = vi.fn()
  whileSeen(draw)
  page.turn('hidden')
  page.turn('visible')
  expect(draw).toHaveBeenCalledTimes(1)
})

test('a hidden page draws once when it is seen, only the last of what there was to draw', () => {
  const page = openPage()
  page.turn('hidden')
  const [before, draw] = [vi.fn(), vi.fn()]
  whileSeen(before)()
  whileSeen(draw)
  expect(draw).not.toHaveBeenCalled()
  page.turn('hidden')
  page.turn('visible')
  page.turn('visible')
  expect([before.mock.calls.length, draw.mock.calls.length]).toEqual([0, 1])
})
