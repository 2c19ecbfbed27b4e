import fc from 'fast-check'
import { expect, test } from 'vitest'
import { proposeName, takenNames } from '../../../../src/main/engine/discovery/propose-name.js'
import { type ConfigFile, configSchema } from '../../../../src/shared/config.js'
import { nameSchema } from '../../../../src/shared/field-schemas.js'

const unknown = { packageName: null, folderName: null, command: null, port: 3000 }
const none: ReadonlySet<string> = new Set()

test.each([
  [{ packageName: '@acme/Shop_Front', folderName: 'web' }, 'shop-front'],
  [{ packageName: '@acme/日本', folderName: 'web' }, 'web'],
  [{ folderName: 'Café Größe (2)' }, 'cafe-gro-e-2'],
  [{ command: 'nginx' }, 'nginx'],
  [{ command: 'python3.11' }, 'app-3000'],
  [{}, 'app-3000'],
])('%j is named %s', (sources, name) => {
  expect(proposeName({ ...unknown, ...sources }, none)).toBe(name)
})

test('a taken name gets the first number that is free', () => {
  const apps = [
    { name: 'shop', port: 1 },
    { name: 'shop-2', port: 2 },
    { name: 'other', hosts: ['docs.localhost', '*.any.localhost'], port: 3 },
  ]
  const taken = takenNames(configSchema.parse({ version: 1, apps }))
  expect(proposeName({ ...unknown, packageName: 'shop' }, taken)).toBe('shop-3')
  expect(proposeName({ ...unknown, packageName: 'docs' }, taken)).toBe('docs-2')
  expect(proposeName({ ...unknown, packageName: 'any' }, taken)).toBe('any')
})

test('the name whose host is the panel’s is taken, unless there is no panel', () => {
  const proposal = (panel: ConfigFile['panel']) =>
    proposeName({ ...unknown, packageName: 'portico' }, takenNames(configSchema.parse({ version: 1, panel })))
  expect(proposal(undefined)).toBe('portico-2')
  expect(proposal({ host: 'window.localhost' })).toBe('portico')
  expect(proposal({ enabled: false })).toBe('portico')
})

test('whatever a package or folder is called, the name is valid and free', () => {
  const text = fc.option(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^[a-z-]{0,90}$/)))
  fc.assert(
    fc.property(text, text, text, (packageName, folderName, command) => {
      const sources = { packageName, folderName, command, port: 3000 }
      const first = proposeName(sources, none)
      const second = proposeName(sources, new Set([first]))
      expect(nameSchema.safeParse(first).success).toBe(true)
      expect(nameSchema.safeParse(second).success).toBe(true)
      expect(second).not.toBe(first)
    }),
  )
})
