import { fileURLToPath } from 'node:url'
import type { Lab } from '../lab.ts'
import { describeErrors, LoadInvalid, type LoadResult } from './load.ts'

const SCRIPT = fileURLToPath(new URL('./wrk-report.lua', import.meta.url))

/** Above any honest wait, so that only a hung request counts as a timeout. */
const TIMEOUT_S = 10

interface WrkReport {
  readonly micros: number
  readonly requests: number
  readonly bytes: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly errors: Readonly<Record<string, number>>
}

/** HTTP/1.1 at full speed with one thread for `seconds`, as a page of another origin asks where one is given. Throws LoadInvalid when any request failed. */
export async function runWrk(
  lab: Lab,
  url: string,
  connections: number,
  seconds: number,
  origin?: string,
): Promise<LoadResult> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', `${TIMEOUT_S}s`, '-s', SCRIPT]
  if (origin !== undefined) args.push('-H', `Origin: ${origin}`)
  args.push(url)
  const timeoutMs = (seconds + TIMEOUT_S + 10) * 1000
  return parseWrk(await lab.children.run('wrk', args, { timeoutMs, env: lab.loadEnv }))
}

/** Reads what `wrk -s wrk-report.lua` printed. Throws LoadInvalid when any request failed or none was answered. */
export function parseWrk(output: string): LoadResult {
  const line = /^REPORT (.*)$/m.exec(output)?.[1]
  if (line === undefined) throw new LoadInvalid(`wrk printed no report: ${output.trim()}`)
  const { micros, requests, bytes, p50, p95, p99, errors } = JSON.parse(line) as WrkReport
  const failed = describeErrors(errors)
  if (failed !== '') throw new LoadInvalid(`wrk: ${requests} requests with errors: ${failed}`)
  if (requests === 0) throw new LoadInvalid('wrk: no request was answered')
  const seconds = micros / 1e6
  return {
    requests,
    metrics: {
      requestsPerSecond: requests / seconds,
      bytesPerSecond: bytes / seconds,
      p50Ms: p50 / 1000,
      p95Ms: p95 / 1000,
      p99Ms: p99 / 1000,
    },
  }
}
