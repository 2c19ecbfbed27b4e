import { expect, test } from 'vitest'
import { parseConfig } from '../../../../src/main/engine/config/parse-config.js'
import { unsupportedFeatures } from '../../../../src/main/engine/config/unsupported.js'
import { DESIGN_EXAMPLE } from './example-config.js'

function pathsOf(document: object): string[] {
  const parsed = parseConfig(JSON.stringify(document))
  if (!parsed.ok) throw new Error('the config of this test is invalid')
  return unsupportedFeatures(parsed.config, new Set(['rateLimit'])).map((problem) => problem.path)
}

test('everything that is not there yet is named with its path', () => {
  expect(pathsOf(DESIGN_EXAMPLE)).toEqual(['apps[2].routes[0].policies.cors'])
})

test('policies of an app are named as well', () => {
  const app = { name: 'a', port: 1, policies: { cors: { origins: ['https://a.b'] } } }
  expect(pathsOf({ version: 1, apps: [app] })).toEqual(['apps[0].policies.cors'])
})
