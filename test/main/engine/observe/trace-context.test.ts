import { describe, expect, test } from 'vitest'
import { RandomIds } from '../../../../src/main/engine/observe/tracing/random-ids.js'
import {
  readTraceparent,
  readTracestate,
  traceparent,
} from '../../../../src/main/engine/observe/tracing/trace-context.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('traceparent', () => {
  test.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`cc-${TRACE}-${SPAN}-01-what-comes-later`, true],
    [`cc-${TRACE}-${SPAN}-01`, true],
  ])('%s is read', (value, sampled) => {
    expect(readTraceparent([value])).toEqual({ traceId: TRACE, parentId: SPAN, sampled })
  })

  test.each([
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}`,
    `cc-${TRACE}-${SPAN}-01.later`,
    'nonsense',
    '',
  ])('%j counts as none', (value) => expect(readTraceparent([value])).toBeNull())

  test('two of them count as none', () => {
    expect(readTraceparent([`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`])).toBeNull()
  })

  test('what is written can be read', () => {
    const ids = new RandomIds()
    for (let i = 0; i < 1_000; i++) {
      const [traceId, parentId] = [ids.traceId(), ids.spanId()]
      expect(readTraceparent([traceparent(traceId, parentId, i % 2 === 0)])).toEqual({
        ...{ traceId, parentId },
        sampled: i % 2 === 0,
      })
    }
  })
})

describe('tracestate', () => {
  test('several fields are one list, in order', () => {
    expect(readTracestate(['a=1, b@v=2', '', 'c=3'])).toBe('a=1,b@v=2,c=3')
  })

  test.each([[[]], [['']], [['a']], [['A=1']], [['a=1,a=2']], [['a=x=y']], [['a=é']], [[`a=${'x'.repeat(257)}`]]])(
    '%j counts as none',
    (values) => expect(readTracestate(values)).toBeNull(),
  )

  test('a list of more than 32 counts as none', () => {
    const list = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=1`).join(',')
    expect(readTracestate([list(32)])).toBe(list(32))
    expect(readTracestate([list(33)])).toBeNull()
  })
})
