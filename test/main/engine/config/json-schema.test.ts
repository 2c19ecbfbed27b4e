import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { configJsonSchema, schemaKeys } from '../../../../src/main/engine/config/json-schema.js'
import { KEY_DESCRIPTIONS } from '../../../../src/main/engine/config/key-descriptions.js'

const ROOT = path.resolve(import.meta.dirname, '../../../..')
const keys = [...new Set(schemaKeys(configJsonSchema()).map(({ key }) => key))]

test('the schema names itself and describes every key once', () => {
  const schema = configJsonSchema()
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Portico config',
    type: 'object',
  })
  expect(Object.keys(KEY_DESCRIPTIONS).sort()).toEqual([...keys].sort())
  for (const { key, schema: part } of schemaKeys(schema)) expect(part.description, key).toBe(KEY_DESCRIPTIONS[key])
})

test('what may be left out of the file is not required by the schema', () => {
  expect(configJsonSchema().required).toEqual(['version'])
})

test('the schema in resources is the one the code makes', () => {
  const file = path.join(ROOT, 'resources/config.schema.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(configJsonSchema())))
})

test('docs/config.md, or docs/policies.md, explains every key in the section of its object', () => {
  const missing = keys.filter((key) => !sectionFor(key).includes(`\`${key.split('.').at(-1)}\``))
  expect(missing).toEqual([])
})

test('docs/config.md gives the defaults that the code has', () => {
  const text = reference()
  for (const { key, schema } of schemaKeys(configJsonSchema())) {
    if (schema.default === undefined || typeof schema.default === 'object') continue
    const row = new RegExp(`^\\| \`${key.split('.').at(-1)}\` \\|.*$`, 'gm')
    expect(
      [...text.matchAll(row)].some(([line]) => line.includes(`\`${JSON.stringify(schema.default)}\``)),
      key,
    ).toBe(true)
  }
})

function reference(file = 'config.md'): string {
  return readFileSync(path.join(ROOT, 'docs', file), 'utf8')
}

/** The part of the reference under the heading of the object that holds the key, as "## `apps[].routes[]`". */
function sectionFor(key: string): string {
  const holder = key.split('.').slice(0, -1).join('.')
  // A policy is the same wherever it stands.
  const policy = /^apps\[\](?:\.routes\[\])?\.(policies(?:\..+)?)$/.exec(holder)?.[1]
  if (policy !== undefined) return sectionIn('policies.md', policy) ?? sectionIn('policies.md', `${policy}[]`) ?? ''
  const name = (candidate: string) => sectionIn('config.md', candidate)
  const found = holder === '' ? name('config.json') : (name(holder) ?? name(`${holder}[]`))
  if (found === undefined) throw new Error(`docs/config.md has no heading with \`${holder}\``)
  return found
}

function sectionIn(file: string, candidate: string): string | undefined {
  const sections = reference(file).split(/^#{2,4} /m)
  return sections.find((section) => section.split('\n', 1)[0]?.includes(`\`${candidate}\``))
}
