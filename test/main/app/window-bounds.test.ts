import { expect, test } from 'vitest'
import { DEFAULT_SIZE, MIN_SIZE, placeWindow } from '../../../src/main/app/window-bounds.js'

const laptop = { x: 0, y: 0, width: 1440, height: 900 }
const external = { x: 1440, y: -200, width: 2560, height: 1440 }
const saved = { x: 1600, y: 0, width: 1000, height: 700, maximised: false }

test('the first time it has the usual size, where the system puts it', () => {
  expect(placeWindow(null, [laptop])).toEqual(DEFAULT_SIZE)
})

test('it comes back where it was', () => {
  expect(placeWindow(saved, [laptop, external])).toEqual({ x: 1600, y: 0, width: 1000, height: 700 })
})

test('without the display it was on, it keeps its size alone, cut to the one that is left', () => {
  expect(placeWindow(saved, [laptop])).toEqual({ width: 1000, height: 700 })
  expect(placeWindow({ ...saved, width: 3000 }, [laptop])).toEqual({ width: 1440, height: 700 })
})

test.each([
  ['its title bar is below the display', { x: 0, y: 890 }],
  ['its title bar is above the display', { x: 0, y: -40 }],
  ['only a sliver is on the display', { x: 1400, y: 0 }],
])('it is not put where %s', (_why, at) => {
  expect(placeWindow({ ...saved, ...at }, [laptop])).not.toHaveProperty('x')
})

test('it is never smaller than what can be used', () => {
  expect(placeWindow({ ...saved, x: 0, width: 10, height: 10 }, [laptop])).toMatchObject(MIN_SIZE)
})
