import { expect, test } from 'vitest'
import { withApp, withAppEnabled, withAppUpdated, withoutApp } from '../../../../src/main/engine/config/edit-apps.js'
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

test('an app is added at its place, or at the end when there are fewer', () => {
  const names = (at: number) => withApp(document, { name: 'docs', port: 1 }, at).apps?.map(({ name }) => name)
  expect(names(0)).toEqual(['docs', 'shop', 'api'])
  expect(names(1)).toEqual(['shop', 'docs', 'api'])
  expect(names(9)).toEqual(['shop', 'api', 'docs'])
})

test('an app that is updated keeps its place, under a new name as well', () => {
  expect(withAppUpdated(document, 'shop', { name: 'store', port: 4000 }).apps).toEqual([
    { name: 'store', port: 4000 },
    { name: 'api', port: 8000, enabled: false },
  ])
  const same = { name: 'shop', port: 4000, hosts: ['shop.localhost', 'shop.test'] }
  expect(withAppUpdated(document, 'shop', same).apps?.[0]).toEqual(same)
})

test('an app can take neither the name nor a host of another', () => {
  for (const app of [
    { name: 'api', port: 1 },
    { name: 'shop', port: 1, hosts: ['api.localhost'] },
  ]) {
    expect(() => withAppUpdated(document, 'shop', app)).toThrow(expect.objectContaining({ code: 'conflict' }))
  }
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
  for (const edit of [
    () => withoutApp(document, 'x'),
    () => withAppUpdated(document, 'x', { name: 'x', port: 1 }),
    () => withAppEnabled({ version: 1 }, 'x', true),
  ]) {
    expect(edit).toThrow(expect.objectContaining({ code: 'not-found' }))
  }
})
