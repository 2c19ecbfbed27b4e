import { expect, test } from 'vitest'
import { withApp, withAppEnabled, withoutApp } from '../../../../src/main/engine/config/edit-apps.js'
import type { ConfigFile } from '../../../../src/shared/config.js'

const document: ConfigFile = {
  version: 1,
  apps: [
    { name: 'shop', port: 3000 },
    { name: 'api', port: 8000, enabled: false },
  ],
}

test('an app is added at the end, and nothing else is touched', () => {
  const added = withApp(document, { name: 'docs', port: 1 })
  expect(added.apps?.map(({ name }) => name)).toEqual(['shop', 'api', 'docs'])
  expect(withApp({ version: 1 }, { name: 'docs', port: 1 })).toEqual({ version: 1, apps: [{ name: 'docs', port: 1 }] })
})

test('a name or host that is taken is a conflict', () => {
  expect(() => withApp(document, { name: 'shop', port: 1 })).toThrow(expect.objectContaining({ code: 'conflict' }))
  const sameHost = { name: 'other', port: 1, hosts: ['SHOP.localhost.'] }
  expect(() => withApp(document, sameHost)).toThrow(
    expect.objectContaining({ code: 'conflict', message: expect.stringContaining('"shop"') }),
  )
})

test('an app is removed, enabled and disabled without a trace of the default', () => {
  expect(withoutApp(document, 'shop').apps).toEqual([{ name: 'api', port: 8000, enabled: false }])
  expect(withAppEnabled(document, 'api', true).apps?.[1]).toEqual({ name: 'api', port: 8000 })
  expect(withAppEnabled(document, 'shop', false).apps?.[0]).toEqual({ name: 'shop', port: 3000, enabled: false })
  expect(withAppEnabled(document, 'shop', true)).toEqual(document)
})

test('an app that is not there is not found', () => {
  for (const edit of [() => withoutApp(document, 'x'), () => withAppEnabled({ version: 1 }, 'x', true)]) {
    expect(edit).toThrow(expect.objectContaining({ code: 'not-found' }))
  }
})
