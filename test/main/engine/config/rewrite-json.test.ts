import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rewriteJson } from '../../../../src/main/engine/config/rewrite-json.js'

const HAND_WRITTEN = `{
    "version": 1,

    "listen": {"https": 8443,   "http": 8080},
    "apps": [
        { "name": "shop", "port": 3000 },
        {
            "name": "docs",
            "static": { "dir": "./site" }
        }
    ]
}
`

interface Document {
  version: number
  apps: Record<string, unknown>[]
  [key: string]: unknown
}

function edited(change: (document: Document) => void, text = HAND_WRITTEN): string {
  const document = JSON.parse(text) as Document
  change(document)
  return rewriteJson(text, document)
}

test('an added app takes one line like its sibling apps, and the others stay as written', () => {
  const text = '{\n  "version": 1,\n  "apps": [\n    { "port":3000, "name":"shop" }\n  ]\n}\n'
  expect(edited((document) => document.apps.push({ name: 'api', port: 3001 }), text)).toBe(
    '{\n  "version": 1,\n  "apps": [\n    { "port":3000, "name":"shop" },\n    { "name": "api", "port": 3001 }\n  ]\n}\n',
  )
})

test('a changed app is rewritten in its own style and nothing else is', () => {
  expect(edited((document) => Object.assign(document.apps[0]!, { enabled: false }))).toBe(
    HAND_WRITTEN.replace('"port": 3000 }', '"port": 3000, "enabled": false }').replace('1,\n\n', '1,\n'),
  )
})

test('a removed app leaves the text of the others alone', () => {
  const text = edited((document) => document.apps.shift())
  expect(text).toContain(
    '        {\n            "name": "docs",\n            "static": { "dir": "./site" }\n        }\n    ]',
  )
  expect(text).toContain('"listen": {"https": 8443,   "http": 8080}')
  expect(text).not.toContain('shop')
})

test('tabs, Windows line ends and the byte order mark are kept', () => {
  const text = '\ufeff{\r\n\t"version": 1,\r\n\t"apps": []\r\n}\r\n'
  const document = { version: 1, apps: [{ name: 'a', port: 3000 }] }
  expect(rewriteJson(text, document)).toBe(
    '\ufeff{\r\n\t"version": 1,\r\n\t"apps": [\r\n\t\t{\r\n\t\t\t"name": "a",\r\n\t\t\t"port": 3000\r\n\t\t}\r\n\t]\r\n}\r\n',
  )
})

test('the order of keys stays, and a new key goes last', () => {
  const text = '{\n  "apps": [],\n  "version": 1\n}'
  expect(edited((document) => Object.assign(document, { limits: { queue: 5 } }), text)).toBe(
    '{\n  "apps": [],\n  "version": 1,\n  "limits": {\n    "queue": 5\n  }\n}',
  )
})

test('an unchanged document is returned to the letter', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      expect(rewriteJson(text, JSON.parse(text))).toBe(text)
    }),
  )
})

test('whatever the old text was, the new text holds exactly the new document', () => {
  const value = fc.jsonValue({ maxDepth: 4 })
  const text = fc.oneof(
    fc.tuple(value, fc.constantFrom(0, 2, '\t')).map(([old, indent]) => JSON.stringify(old, null, indent)),
    fc.string(),
  )
  fc.assert(
    fc.property(text, value, (old, next) => {
      const plain = JSON.parse(JSON.stringify(next)) as unknown
      expect(JSON.parse(rewriteJson(old, plain))).toEqual(plain)
    }),
    { numRuns: 500 },
  )
})

test('the same holds for small changes deep inside a document', () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.jsonValue({ maxDepth: 2 })), { maxLength: 6 }),
      fc.nat(),
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom('replace', 'remove', 'insert'),
      (items, at, item, kind) => {
        const next: unknown[] = structuredClone(items)
        const index = at % (items.length + 1)
        if (kind === 'insert') next.splice(index, 0, item)
        else next.splice(index, 1, ...(kind === 'replace' ? [item] : []))
        const plain = JSON.parse(JSON.stringify({ items: next })) as unknown
        expect(JSON.parse(rewriteJson(JSON.stringify({ items }, null, 2), plain))).toEqual(plain)
      },
    ),
    { numRuns: 500 },
  )
})
