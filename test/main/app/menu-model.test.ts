import { expect, test } from 'vitest'
import { type BarMenu, menuModel } from '../../../src/main/app/menu-model.js'

test('macOS has the menu of the app first, with About, Hide and Quit by Command-Q', () => {
  const [own, ...rest] = menuModel('darwin')
  expect(own?.label).toBe('Portico')
  expect(roles(own)).toEqual(expect.arrayContaining(['about', 'services', 'hide', 'hideOthers', 'unhide']))
  expect(own?.entries.at(-1)).toMatchObject({ accelerator: 'Command+Q', action: { do: 'quit' } })
  expect(rest.flatMap(roles)).not.toContain('about')
})

test.each(['linux', 'win32'] as const)('%s has Quit under File and About under Help', (platform) => {
  const menus = menuModel(platform)
  expect(menus[0]?.label).toBe('File')
  expect(menus[0]?.entries.at(-1)).toMatchObject({ accelerator: 'Control+Q', action: { do: 'quit' } })
  expect(menus.at(-1)).toEqual({ label: 'Help', role: 'help', entries: [{ role: 'about' }] })
})

test.each(['darwin', 'linux', 'win32'] as const)(
  '%s: nothing opens developer tools, no accelerator twice',
  (platform) => {
    const menus = menuModel(platform)
    expect(menus.flatMap(roles)).not.toContain('toggleDevTools')
    const keys = menus.flatMap(({ entries }) =>
      entries.flatMap((one) => ('accelerator' in one ? [one.accelerator] : [])),
    )
    expect(new Set(keys).size).toBe(keys.length)
  },
)

function roles(menu: BarMenu | undefined): string[] {
  return (menu?.entries ?? []).flatMap((entry) => ('role' in entry ? [entry.role] : []))
}
