import { describe, expect, test } from 'vitest'
import { DialFailed, UpstreamFailed } from '../../../../src/main/engine/gateway/gateway-fault.js'
import { dialFault, upstreamFault } from '../../../../src/main/engine/gateway/upstream-fault.js'

const failure = (code: string, message = 'inner detail') => Object.assign(new Error(message), { code })

describe('a connection that did not come about', () => {
  test.each([
    ['ECONNREFUSED', 502, 'Nothing listens on 127.0.0.1:3000', 'the config says 3000'],
    ['ETIMEDOUT', 504, 'did not accept a connection in time', 'firewall'],
    ['ENOTFOUND', 502, 'does not resolve', 'DNS'],
    ['EAI_AGAIN', 502, 'does not resolve', 'DNS'],
    ['EMFILE', 503, 'file descriptors', 'ulimit'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 502, 'certificate of 127.0.0.1:3000 was not accepted', 'caFile'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 502, 'certificate of 127.0.0.1:3000 was not accepted', 'serverName'],
    ['EHOSTUNREACH', 502, 'failed (EHOSTUNREACH)', 'backend URL'],
  ])('because of %s is %i, says "%s" and what to do', (code, status, message, hint) => {
    const fault = dialFault(failure(code), 'http://127.0.0.1:3000', 'shop')
    expect(fault).toBeInstanceOf(DialFailed)
    expect(fault.status).toBe(status)
    expect(fault.message).toContain(message)
    expect(fault.hint).toContain(hint)
  })

  test('on both address families is told by the codes of both', () => {
    const both = new AggregateError([failure('ECONNREFUSED'), failure('EHOSTUNREACH')])
    expect(dialFault(both, 'http://localhost:3000', 'shop').message).toBe(
      'shop is not answering. Nothing listens on localhost:3000.',
    )
  })

  test('names no port that the config does not name', () => {
    expect(dialFault(failure('ECONNREFUSED'), 'http://backend.test', null).hint).toContain('names none')
  })
})

describe('a request that was sent and failed', () => {
  test.each([
    ['HPE_INVALID_CONSTANT', 'not valid HTTP'],
    ['UND_ERR_HEADERS_OVERFLOW', 'not valid HTTP'],
    ['UND_ERR_SOCKET', 'closed the connection without an answer'],
    ['ECONNRESET', 'closed the connection without an answer'],
  ])('with %s says "%s"', (code, message) => {
    const fault = upstreamFault(failure(code), 'http://127.0.0.1:3000', 'shop', false)
    expect(fault).toBeInstanceOf(UpstreamFailed)
    expect(fault.status).toBe(502)
    expect(fault.message).toContain(`shop (http://127.0.0.1:3000)`)
    expect(fault.message).toContain(message)
    expect(fault.message).not.toContain('inner detail')
  })

  test('in the middle of its answer says so', () => {
    const fault = upstreamFault(failure('UND_ERR_SOCKET'), 'http://127.0.0.1:3000', null, true)
    expect(fault.message).toContain('broke off in the middle of its answer')
  })
})
