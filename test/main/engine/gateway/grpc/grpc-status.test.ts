import { describe, expect, test } from 'vitest'
import { DialFailed, GatewayFault, StreamReset } from '../../../../../src/main/engine/gateway/gateway-fault.js'
import { grpcTimeoutMs, isGrpcCall } from '../../../../../src/main/engine/gateway/grpc/grpc-request.js'
import {
  encodeGrpcMessage,
  grpcFailure,
  grpcStatusOf,
  healthStatus,
} from '../../../../../src/main/engine/gateway/grpc/grpc-status.js'

test('only POST with application/grpc is a gRPC call; gRPC-Web is not', () => {
  const call = (type: string, method = 'POST') => isGrpcCall(method, ['Content-Type', type])
  expect(
    ['application/grpc', 'application/grpc+proto', 'Application/gRPC; charset=x'].map((type) => call(type)),
  ).toEqual([true, true, true])
  expect(
    ['application/grpc-web', 'application/grpc-web-text+proto', 'application/grpcx'].some((type) => call(type)),
  ).toBe(false)
  expect(call('application/grpc', 'GET')).toBe(false)
})

test.each([
  ['5S', 5_000],
  ['250m', 250],
  ['1H', 3_600_000],
  ['2000u', 2],
  ['123456789S', Number.POSITIVE_INFINITY],
  ['5', Number.POSITIVE_INFINITY],
])('grpc-timeout %s is %d ms', (value, ms) => {
  expect(grpcTimeoutMs(['grpc-timeout', value])).toBe(ms)
})

describe('the status of a fault', () => {
  const fault = (status: number, code: 'upstream-failed' | 'overloaded' = 'upstream-failed') =>
    new GatewayFault(code, status, 'x')
  test.each([
    [fault(401), 16],
    [fault(403), 7],
    [fault(404), 12],
    [fault(429), 8],
    [fault(502), 14],
    [fault(503), 14],
    [fault(503, 'overloaded'), 8],
    [fault(504), 4],
    [fault(500), 13],
    [new DialFailed('upstream-timeout', 504, 'x'), 14],
    [new StreamReset('x', 'y', 8), 1],
    [new StreamReset('x', 'y', 1), 13],
  ])('%o is %d', (one, status) => expect(grpcStatusOf(one)).toBe(status))
})

test('messages are percent-encoded, and read back for the log', () => {
  expect(encodeGrpcMessage('50% für\n')).toBe('50%25 f%C3%BCr%0A')
  expect(grpcFailure(['grpc-status', '14', 'grpc-message', '50%25 f%C3%BCr'])).toBe(
    'gRPC status 14 UNAVAILABLE: 50% für',
  )
  expect(grpcFailure(['grpc-status', '0'])).toBe(null)
  expect(grpcFailure(['grpc-status', '2', 'grpc-message', '%zz'])).toBe('gRPC status 2 UNKNOWN: %zz')
})

test('a refusal of the caller says nothing of the backend’s health', () => {
  expect([0, 3, 5, 7, 12, 16].map(healthStatus)).toEqual([200, 200, 200, 200, 200, 200])
  expect([14, 13, 2].map(healthStatus)).toEqual([503, 500, 500])
})
