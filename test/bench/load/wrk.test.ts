import { expect, test } from 'vitest'
import { LoadInvalid } from '../../../bench/load/load.ts'
import { parseWrk } from '../../../bench/load/wrk.ts'

/** Recorded from wrk 4.1.0 with wrk-report.lua. */
const RECORDED = `Running 1s test @ https://localhost:18083/1k
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   384.89us  245.54us  17.02ms   98.74%
    Req/Sec    83.62k     7.16k   88.10k    90.00%
  82870 requests in 1.00s, 99.90MB read
Requests/sec:  82817.41
Transfer/sec:     99.83MB
REPORT {"micros":1000635,"requests":82870,"bytes":104747680,"p50":367,"p95":425,"p99":736,"errors":{"connect":0,"read":0,"write":0,"timeout":0,"status":0}}
`

const NOT_FOUND = `Running 1s test @ https://localhost:18083/none
  1 threads and 4 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    43.74us   67.26us   1.71ms   99.04%
    Req/Sec    99.63k     5.13k  104.25k    90.91%
  108693 requests in 1.10s, 31.93MB read
  Non-2xx or 3xx responses: 108693
Requests/sec:  98789.28
Transfer/sec:     29.02MB
REPORT {"micros":1100251,"requests":108693,"bytes":33477444,"p50":33,"p95":56,"p99":104,"errors":{"connect":0,"read":0,"write":0,"timeout":0,"status":108693}}
`

test('reads rates from exact counts and percentiles in milliseconds', () => {
  const { requests, metrics } = parseWrk(RECORDED)
  expect(requests).toBe(82870)
  expect(metrics.requestsPerSecond).toBeCloseTo(82817.41, 1)
  expect(metrics.bytesPerSecond).toBeCloseTo(104681207.4, 0)
  expect(metrics).toMatchObject({ p50Ms: 0.367, p95Ms: 0.425, p99Ms: 0.736 })
})

test.each(['connect', 'read', 'write', 'timeout', 'status'])('refuses a run with one %s error', (counter) => {
  const output = RECORDED.replace(`"${counter}":0`, `"${counter}":1`)
  expect(() => parseWrk(output)).toThrow(new LoadInvalid(`wrk: 82870 requests with errors: 1 ${counter}`))
})

test('refuses a recorded run against a missing page', () => {
  expect(() => parseWrk(NOT_FOUND)).toThrow('wrk: 108693 requests with errors: 108693 status')
})

test('refuses a run in which nothing was answered', () => {
  expect(() => parseWrk(RECORDED.replace('"requests":82870', '"requests":0'))).toThrow('no request was answered')
})

test('refuses output without the report line', () => {
  expect(() => parseWrk('unable to connect to localhost:1 Connection refused')).toThrow(/no report.*refused/)
})
