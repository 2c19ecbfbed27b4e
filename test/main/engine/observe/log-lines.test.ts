import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apacheLine } from '../../../../src/main/engine/observe/access-log/apache-line.js'
import type { LineSink } from '../../../../src/main/engine/observe/access-log/line-sink.js'
import { LogLines } from '../../../../src/main/engine/observe/access-log/log-lines.js'
import { accessLogSchema, type LogFormat } from '../../../../src/shared/observe-schema.js'
import { entry, exchange } from './observed-exchange.js'

/** Apache's definition of the formats, with its escapes, and nothing else on the line. */
const QUOTED = String.raw`"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\bnrtv]|\\x[0-9a-f]{2})*)"`
const COMMON = String.raw`(\S+) - - \[(\d\d/(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/\d{4}(?::\d\d){3} [+-]\d{4})\] ${QUOTED} (\d{3}) (\d+|-)`
const LINE = { common: new RegExp(`^${COMMON}\n$`), combined: new RegExp(`^${COMMON} ${QUOTED} ${QUOTED}\n$`) }

const FORMATS: LogFormat[] = ['json', 'common', 'combined']

function written(format: LogFormat, more: Parameters<typeof exchange>[0] = {}, settings: object = {}): string {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) } as unknown as LineSink
  const told = exchange(more)
  const log = new LogLines(accessLogSchema.parse({ file: 'x', format, ...settings }), sink)
  log.write(entry({ path: told.target, method: told.method }), told)
  expect(lines).toHaveLength(1)
  return lines[0] as string
}

test('the JSON format tells all that it promises', () => {
  const headers = ['User-Agent', 'curl/8', 'Referer', 'https://u:p@x.test/?token=1', 'Accept', 'a', 'accept', 'b']
  const trace = { traceId: 't', parentId: null, spanId: 's', sampled: true, state: null, attemptIds: [] }
  const notes = [{ policy: 'cache', outcome: 'hit' }]
  const asked = { requestHeaders: ['Accept'], responseHeaders: ['Set-Cookie', 'ETag'] }
  const responseHeaders = ['set-cookie', 'a=secret', 'etag', '"1"']
  const more = { headers, responseHeaders, trace, notes, requestId: 'their-own-id', target: '/a?code=1&b=2' }
  expect(JSON.parse(written('json', more, asked))).toEqual({
    ...entry(),
    ...{ path: '/a?code=***&b=2', requestId: 'their-own-id', route: '/*', traceId: 't', policies: notes },
    ...{ userAgent: 'curl/8', referer: 'https://***@x.test/?token=***' },
    requestHeaders: { accept: ['a', 'b'] },
    responseHeaders: { 'set-cookie': '***', etag: '"1"' },
  })
})

test('a request that never became an exchange has what is known of it', () => {
  const lines: string[] = []
  const sink = { write: (line: string) => void lines.push(line) } as unknown as LineSink
  const refused = entry({ app: null, status: 400, error: 'no head' })
  for (const format of FORMATS) new LogLines(accessLogSchema.parse({ file: 'x', format }), sink).write(refused, null)
  expect(JSON.parse(lines[0] as string)).toEqual({ ...refused, requestId: 'ab-1', route: null })
  expect(lines[1]).toMatch(LINE.common)
  expect(lines[2]).toMatch(LINE.combined)
})

test('the Common and Combined formats are as Apache writes them', () => {
  const headers = ['user-agent', 'say "hi" \\ \u00e9\t', 'referer', 'https://x.test/']
  expect(written('common', { headers, target: '/a"b' })).toBe(
    '127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /a\\"b HTTP/2.0" 200 5\n',
  )
  expect(written('combined', { headers })).toBe(
    '127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /a HTTP/2.0" 200 5 "https://x.test/" "say \\"hi\\" \\\\ \\xe9\\t"\n',
  )
  expect(written('combined')).toMatch(/ "-" "-"\n$/)
  expect(apacheLine(entry({ status: 0, bytesOut: 0, protocol: 'http/1.0' }), '/', null)).toMatch(/HTTP\/1\.0" 499 -\n$/)
})

describe.each(FORMATS)('whatever a client sends, %s', (format) => {
  // Every byte that a field may have, and what cannot come over the wire too.
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.nat(0xff).map((n) => String.fromCharCode(n)) }),
  )

  test('is one line that can be read again', () => {
    fc.assert(
      fc.property(text, text, text, (target, userAgent, referer) => {
        const line = written(format, { target, headers: ['User-Agent', userAgent, 'Referer', referer] })
        if (format === 'json') {
          expect(line.indexOf('\n')).toBe(line.length - 1)
          expect(JSON.parse(line)).toMatchObject({ userAgent })
        } else expect(line).toMatch(LINE[format])
      }),
    )
  })

  test('its secrets are not in it', () => {
    const SECRET = 'S3CR3Tvalue'
    const cased = (name: string) =>
      fc
        .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
        .map((upper) => [...name].map((c, i) => (upper[i] ? c.toUpperCase() : c.toLowerCase())).join(''))
    const field = fc
      .constantFrom('authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-auth-token', 'x-listed')
      .chain(cased)
    const key = fc
      .oneof(
        fc.constantFrom('token', 'access_token', 'api_key', 'apikey', 'password', 'client_secret', 'code', 'listed'),
        fc.constantFrom('%74oken', 'pass%77ord', 'l%69sted'),
      )
      .chain((name) => (name.includes('%') ? fc.constant(name) : cased(name)))
    const filler = fc.stringMatching(/^[a-z0-9/]{0,8}$/)
    const settings = {
      ...{
        requestHeaders: ['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-auth-token', 'X-Listed'],
      },
      ...{ responseHeaders: ['set-cookie', 'location'], redactHeaders: ['X-Listed'], redactQuery: ['Listed'] },
    }
    fc.assert(
      fc.property(field, key, filler, fc.boolean(), (name, parameter, other, first) => {
        const query = first ? `${parameter}=${SECRET}&x=${other}` : `x=${other}&${parameter}=${SECRET};y`
        const headers = [name, SECRET, 'Referer', `https://me:${SECRET}@x.test/${other}?${query}`]
        const responseHeaders = ['Set-Cookie', `sid=${SECRET}`, 'Location', `/back?${query}`]
        const line = written(format, { target: `/${other}?${query}`, headers, responseHeaders }, settings)
        expect(line).not.toContain(SECRET)
        expect(line).toContain(`x=${other}`)
      }),
    )
  })
})
