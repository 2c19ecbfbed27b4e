import http from 'node:http'
import { expect, test } from 'vitest'
import { escapeNonAscii, parsedAtRunTime, takeHttpDirectly } from '../../scripts/lean-output.js'

test('built code means the same, in characters of one byte', () => {
  const source = "['naïve – “quoted” 🙂', `it’s …`, /^[“”]+$/.test('“'), /^🙂$/u.test('🙂')]"
  const escaped = escapeNonAscii(source)
  expect(escaped).toMatch(/^[ -~]+$/)
  // biome-ignore lint/security/noGlobalEval: what an engine makes of the code is the question
  expect(globalThis.eval(escaped)).toEqual(['naïve – “quoted” 🙂', 'it’s …', true, true])
})

test.each([
  ['import http from"node:http";', 'http', http],
  ['import{STATUS_CODES,createServer as createServer$1}from"node:http";', 'createServer$1', http.createServer],
  ['import http,{STATUS_CODES}from"node:http";', 'STATUS_CODES', http.STATUS_CODES],
  ['import * as all from "node:http";', 'all', http],
])('%s is what it was, and no import', (statement, name, value) => {
  const code = takeHttpDirectly(`import net from"node:net";${statement}import tls from"node:tls";`)
  expect(code).toMatch(/^import net from"node:net";var.*import tls from"node:tls";$/)
  const taken = code.slice('import net from"node:net";'.length, -'import tls from"node:tls";'.length)
  // biome-ignore lint/security/noGlobalEval: what an engine makes of the code is the question
  expect(globalThis.eval(`(() => { ${taken} return ${name} })()`)).toBe(value)
})

test('other modules are imported as ever', () => {
  const code = 'import a from"node:http2";import{b}from"node:https";'
  expect(takeHttpDirectly(code)).toBe(code)
})

test('a JSON file is parsed when it is loaded, and is the same', () => {
  const data = { 'a"b`${c}': [1, null, true, { text: 'x\\n\u2028' }] }
  const module = { exports: {} }
  new Function('module', parsedAtRunTime(JSON.stringify(data, null, 2)))(module)
  expect(module.exports).toEqual(data)
})
