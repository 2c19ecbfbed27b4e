import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_DEPTH, parseJsonTree } from '../../../../src/main/engine/config/json-tree.js'

test.each([
  ['', 1, 1, 'the file is empty'],
  ['  \n ', 2, 2, 'the file is empty'],
  ['{\n  "version": 1,\n}', 2, 15, 'remove the "," before "}"'],
  ['{\n  "version": 1\n  "apps": []\n}', 3, 3, 'a "," is missing before this'],
  ['{\r\n  "version": 1\r\n  "apps": []\r\n}', 3, 3, 'a "," is missing before this'],
  ['{\n  "apps": [\n    { "name": "a" \n', 4, 1, 'the "{" of line 3 is never closed by "}"'],
  ["{ 'version': 1 }", 1, 3, 'text stands in double quotes, not single ones'],
  ['{ version: 1 }', 1, 3, 'expected a key in double quotes, not "version"'],
  ['// mine\n{}', 1, 1, 'JSON has no comments: remove this one'],
  ['{ "a": 1 /* x */ }', 1, 10, 'JSON has no comments: remove this one'],
  ['{ "a": "b\n}', 1, 8, 'the text that begins here has no closing quote'],
  ['{ "dir": "C:\\site" }', 1, 13, 'unknown escape: a backslash is written "\\\\"'],
  ['{ "a": 01 }', 1, 8, 'expected a value, not "01"'],
  ['{ "a": tru }', 1, 8, 'expected a value, not "tru"'],
  ['{ "a" 1 }', 1, 7, 'expected ":" after the key, not "1"'],
  ['{}\n{}', 2, 1, 'expected the end of the file, not "{"'],
])('%j fails at line %i, column %i: %s', (text, line, column, message) => {
  expect(parseJsonTree(text)).toEqual({ ok: false, message, line, column })
})

test('a key that is given twice is reported with its path and second line', () => {
  const tree = parseJsonTree('{ "apps": [ { "name": "a",\n "name": "b" } ] }')
  expect(tree).toMatchObject({ ok: true, repeated: [{ path: ['apps', 0, 'name'], line: 2 }] })
})

test('a text nested without end is refused instead of exhausting the stack', () => {
  expect(parseJsonTree('['.repeat(1_000_000))).toMatchObject({
    ok: false,
    message: `nested deeper than ${MAX_DEPTH} levels`,
  })
})

test('a string of millions of escapes is read', () => {
  expect(parseJsonTree(JSON.stringify('\n'.repeat(2_000_000)))).toMatchObject({ ok: true })
})

test('it reads exactly what JSON.parse reads', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), agreesWithJsonParse), { numRuns: 500 })
})

test('it refuses exactly what JSON.parse refuses, and never throws', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '\\',
    '0',
    '1',
    '-',
    '.',
    'e',
    '+',
    'true',
    'null',
    ' ',
    '\n',
    '\t',
    '\u0001',
    'x',
  )
  const broken = fc.tuple(fc.json(), fc.nat(), fc.nat(5), pieces).map(([json, at, length, piece]) => {
    const start = at % (json.length + 1)
    return json.slice(0, start) + piece + json.slice(start + length)
  })
  const soup = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(fc.property(fc.oneof(broken, soup, fc.string()), agreesWithJsonParse), { numRuns: 3_000 })
})

function agreesWithJsonParse(text: string): void {
  const tree = parseJsonTree(text)
  const expected = attempt(() => JSON.parse(text) as unknown)
  expect(tree.ok, text).toBe(expected.ok)
  if (!tree.ok) {
    expect(tree.line).toBeGreaterThanOrEqual(1)
    expect(tree.column).toBeGreaterThanOrEqual(1)
    return
  }
  expect(tree.root.value).toEqual(expected.value)
  expect(JSON.parse(text.slice(tree.root.start, tree.root.end))).toEqual(expected.value)
}

function attempt(parse: () => unknown): { ok: boolean; value?: unknown } {
  try {
    return { ok: true, value: parse() }
  } catch {
    return { ok: false }
  }
}
