import { expect, test } from 'vitest'
import { preferencesSchema, settingsPatchSchema } from '../../src/shared/preferences.js'

const DEFAULTS = {
  theme: 'system',
  openAtLogin: false,
  startGateway: true,
  closeToTray: true,
  windowBounds: null,
  toldAboutTray: false,
}

test('nothing kept is all defaults', () => {
  expect(preferencesSchema.parse({})).toEqual(DEFAULTS)
})

test('a value that is not what it should be costs itself alone', () => {
  const windowBounds = { x: -5, y: 3, width: 900, height: 600, maximised: true }
  const kept = { theme: 'pink', openAtLogin: 'yes', closeToTray: false, windowBounds, other: 1 }
  expect(preferencesSchema.parse(kept)).toEqual({ ...DEFAULTS, closeToTray: false, windowBounds })
  expect(preferencesSchema.parse({ windowBounds: { x: 0 } })).toEqual(DEFAULTS)
})

test('the window may change settings and nothing else', () => {
  expect(settingsPatchSchema.safeParse({ theme: 'light' }).success).toBe(true)
  expect(settingsPatchSchema.safeParse({ theme: 'pink' }).success).toBe(false)
  expect(settingsPatchSchema.safeParse({ toldAboutTray: true }).success).toBe(false)
})
