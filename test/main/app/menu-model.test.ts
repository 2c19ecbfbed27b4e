import { expect, test } from 'vitest'
import { type BarMenu, menuModel } from '../../../src/main/app/menu-model.js'

test('macOS has the menu of the app first, with About, Hide and Quit by Command-Q', () => {
  const [own, ...rest] = menuModel('darwin', false)
  expect(own?.label).toBe('Portico')
  expect(roles(own)).toEqual(expect.arrayContaining(['about', 'services', 'hide', 'hideOthers', 'unhide']))
  expect(own?.entries.at(-1)).toMatchObject({ accelerator: 'Command+Q', action: { do: 'quit' } })
  expect(rest.flatMap(roles)).not.toContain('about')
})

test.each(['linux', 'win32'] as const)('%s has Quit under File and About under Help', (platform) => {
  const menus = menuModel(platform, false)
  expect(menus[0]?.label).toBe('File')
  expect(menus[0]?.entries.at(-1)).toMatchObject({ accelerator: 'Control+Q', action: { do: 'quit' } })
  expect(menus.at(-1)).toEqual({ label: 'Help', role: 'help', entries: [{ role: 'about' }] })
})

test.each(['darwin', 'linux', 'win32'] as const)(
  '%s: nothing opens developer tools, no accelerator twice',
  (platform) => {
    const menus = menuModel(platform, false)
    expect(menus.flatMap(roles)).not.toContain('toggleDevTools')
    const keys = menus.flatMap(({ entries }) =>
      entries.flatMap((one) => ('accelerator' in one ? [one.accelerator] : [])),
    )
    expect(new Set(keys).size).toBe(keys.length)
  },
)

test.each(['darwin', 'linux', 'win32'] as const)('%s: the gateway is turned off while it is on, and on', (platform) => {
  const labels = (off: boolean) =>
    menuModel(platform, off).flatMap(({ entries }) => entries.flatMap((one) => ('label' in one ? [one.label] : [])))
  expect(labels(false)).toContain('Turn Portico Off')
  expect(labels(false)).not.toContain('Turn Portico On')
  expect(labels(true)).toContain('Turn Portico On')
  expect(labels(true)).not.toContain('Turn Portico Off')
})

function roles(menu: BarMenu | undefined): string[] {
  return (menu?.entries ?? []).flatMap((entry) => ('role' in entry ? [entry.role] : []))
}
