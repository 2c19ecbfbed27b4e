import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LatencyCase } from '../cases.ts'
import type { Lab } from '../lab.ts'
import { CIPHER_SUITE } from '../lab.ts'
import { parseLatencyLog } from './latency-log.ts'
import { describeErrors, LoadInvalid, type LoadResult } from './load.ts'

const SIZE = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const

/** HTTP/2 at full speed with one thread for `seconds`. Throws LoadInvalid when any request failed. */
export async function runH2load(
  lab: Lab,
  url: string,
  load: { readonly connections: number; readonly streams: number },
  seconds: number,
): Promise<LoadResult> {
  const args = ['-t1', `-c${load.connections}`, `-m${load.streams}`, '-D', `${seconds}s`, ...tls(url), url]
  const timeoutMs = (seconds + 20) * 1000
  return parseH2load(await lab.children.run('h2load', args, { timeoutMs, env: lab.loadEnv }))
}

/**
 * A fixed rate for about `seconds`, spread over connections opened one per millisecond: h2load sends on a 10 ms timer
 * of each connection, and connections opened together would send together. Throws LoadInvalid when any request failed
 * or the rate was not reached, since a request that waits to be sent is not in h2load's times.
 */
export async function runH2loadAtRate(lab: Lab, url: string, load: LatencyCase, seconds: number): Promise<LoadResult> {
  const { connections, rate, protocol } = load
  const logFile = join(lab.dir, 'latency.log')
  await rm(logFile, { force: true })
  const spread = ['-r', '1', '--rate-period=1ms', `--rps=${rate / connections}`, '-n', String(rate * seconds)]
  const http1 = protocol === 'h1' ? ['--h1'] : []
  const args = ['-t1', `-c${connections}`, '-m1', ...http1, ...spread, `--log-file=${logFile}`, ...tls(url), url]
  const timeoutMs = (seconds * 3 + 20) * 1000
  const { requests } = parseH2load(await lab.children.run('h2load', args, { timeoutMs, env: lab.loadEnv }))
  return { requests, metrics: parseLatencyLog(await readFile(logFile, 'utf8'), rate) }
}

/** Reads h2load's summary. Throws LoadInvalid when any request failed, none was answered, or the suite is another. */
export function parseH2load(output: string): LoadResult {
  const finished = /^finished in [\d.]+\w+, ([\d.]+) req\/s, ([\d.]+)([KMG]?B)\/s$/m.exec(output)
  const counts = /^requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(output)
  const codes = /^status codes: \d+ 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m.exec(output)
  if (finished === null || counts === null || codes === null) {
    throw new LoadInvalid(`h2load printed no summary: ${output.trim().split('\n').slice(-3).join(' | ')}`)
  }
  const [requests = 0, failed = 0, errored = 0, timeout = 0] = counts.slice(1).map(Number)
  const [redirected = 0, refused = 0, broken = 0] = codes.slice(1).map(Number)
  const errors = describeErrors({ failed, errored, timeout, '3xx': redirected, '4xx': refused, '5xx': broken })
  if (errors !== '') throw new LoadInvalid(`h2load: ${requests} requests with errors: ${errors}`)
  if (requests === 0) throw new LoadInvalid('h2load: no request was answered')
  const suite = /^Cipher: (\S+)$/m.exec(output)?.[1] ?? CIPHER_SUITE
  if (suite !== CIPHER_SUITE) throw new LoadInvalid(`h2load: negotiated ${suite}, not ${CIPHER_SUITE}`)
  return {
    requests,
    metrics: {
      requestsPerSecond: Number(finished[1]),
      bytesPerSecond: Number(finished[2]) * SIZE[finished[3] as keyof typeof SIZE],
    },
  }
}

function tls(url: string): string[] {
  return url.startsWith('https:') ? [`--tls13-ciphers=${CIPHER_SUITE}`] : []
}
