import { expect, test } from 'vitest'
import { parseH2load } from '../../../bench/load/h2load.ts'

/** Recorded from h2load 1.52.0 over TLS. */
const RECORDED = `starting benchmark...
spawning thread #0: 8 total client(s). Timing-based test with 0s of warm-up time and 1s of main duration for measurements.
Warm-up started for thread #0.
Warm-up phase is over for thread #0.
Main benchmark duration is started for thread #0.
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
Main benchmark duration is over for thread #0. Stopping all clients.
Stopped all clients for thread #0

finished in 1.00s, 93614.00 req/s, 102.67MB/s
requests: 93614 total, 93742 started, 93614 done, 93614 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 93614 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 102.67MB (107656492) total, 9.64MB (10110312) headers (space savings 39.66%), 91.42MB (95860736) data
                     min         max         mean         sd        +/- sd
time for request:       76us      5.66ms      1.35ms       365us    89.63%
time for connect:     1.40ms      3.42ms      2.43ms       707us    50.00%
time to 1st byte:     3.61ms      4.55ms      4.05ms       312us    62.50%
req/s           :   11676.16    11726.30    11698.22       18.08    62.50%
`

const NOT_FOUND = `starting benchmark...
spawning thread #0: 2 total client(s). 10 total requests
TLS Protocol: TLSv1.3
Cipher: TLS_AES_128_GCM_SHA256
Server Temp Key: X25519 253 bits
Application protocol: h2
progress: 10% done
progress: 20% done
progress: 30% done
progress: 40% done
progress: 50% done
progress: 60% done
progress: 70% done
progress: 80% done
progress: 90% done
progress: 100% done

finished in 2.27ms, 4415.01 req/s, 995.10KB/s
requests: 10 total, 10 started, 10 done, 0 succeeded, 10 failed, 0 errored, 0 timeout
status codes: 0 2xx, 0 3xx, 10 4xx, 0 5xx
traffic: 2.25KB (2308) total, 500B (500) headers (space savings 49.49%), 1.49KB (1530) data
                     min         max         mean         sd        +/- sd
time for request:       41us       115us        57us        24us    80.00%
time for connect:     1.17ms      1.60ms      1.39ms       307us   100.00%
time to 1st byte:     1.65ms      1.79ms      1.72ms        98us   100.00%
req/s           :    2379.45     2569.20     2474.32      134.17   100.00%
`

test('reads rates, bytes in units of 1024', () => {
  const { requests, metrics } = parseH2load(RECORDED)
  expect(requests).toBe(93614)
  expect(metrics.requestsPerSecond).toBe(93614)
  expect(metrics.bytesPerSecond).toBeCloseTo(102.67 * 1024 ** 2, 3)
})

test.each([
  ['0 failed', '3 failed', '3 failed'],
  ['0 errored', '2 errored', '2 errored'],
  ['0 timeout', '1 timeout', '1 timeout'],
  ['0 3xx', '4 3xx', '4 3xx'],
  ['0 4xx', '5 4xx', '5 4xx'],
  ['0 5xx', '6 5xx', '6 5xx'],
])('refuses a run in which %s became %s', (from, to, reason) => {
  expect(() => parseH2load(RECORDED.replace(from, to))).toThrow(`requests with errors: ${reason}`)
})

test('refuses a run in which nothing succeeded', () => {
  expect(() => parseH2load(RECORDED.replace('93614 succeeded', '0 succeeded'))).toThrow('no request was answered')
})

test('refuses a run that negotiated another cipher suite than all others', () => {
  const other = RECORDED.replace('TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256')
  expect(() => parseH2load(other)).toThrow('negotiated TLS_CHACHA20_POLY1305_SHA256')
})

test('accepts a run without TLS', () => {
  expect(parseH2load(RECORDED.replace(/^Cipher: .*\n/m, '')).requests).toBe(93614)
})

test('refuses output without a summary', () => {
  expect(() => parseH2load('Could not resolve host localhost')).toThrow('no summary')
})

test('refuses a recorded run against a missing page', () => {
  expect(() => parseH2load(NOT_FOUND)).toThrow('h2load: 0 requests with errors: 10 failed, 10 4xx')
})
