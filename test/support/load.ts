import { execFile, execFileSync } from 'node:child_process'
import https from 'node:https'
import { promisify } from 'node:util'
import type { TestGateway } from './gateway.js'

export interface LoadResult {
  /** answered or not */
  requests: number
  /** answered with another status than 2xx or 3xx, or not at all */
  failed: number
  client: 'wrk' | 'own client'
}

const run = promisify(execFile)

/**
 * Sends GETs one after the other on each of many connections, with wrk where there is one. The app must have the host
 * `127.0.0.1`.
 *
 * @param connections how many at once
 */
export async function runLoad(gateway: TestGateway, connections: number, seconds: number): Promise<LoadResult> {
  return hasWrk() ? runWrk(gateway, connections, seconds) : runOwn(gateway, connections, seconds)
}

function hasWrk(): boolean {
  try {
    execFileSync('wrk', ['-v'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT' // it exits with 1 after telling its version
  }
}

async function runWrk(gateway: TestGateway, connections: number, seconds: number): Promise<LoadResult> {
  const url = `https://127.0.0.1:${gateway.httpsPort}/`
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', url]
  const { stdout } = await run('wrk', args, { timeout: (seconds + 15) * 1_000 })
  const count = (pattern: RegExp) => [...(stdout.match(pattern) ?? [])].slice(1).reduce((sum, n) => sum + Number(n), 0)
  const unanswered = count(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/)
  const requests = count(/(\d+) requests in/) + unanswered
  return { requests, failed: count(/Non-2xx or 3xx responses: (\d+)/) + unanswered, client: 'wrk' }
}

async function runOwn(gateway: TestGateway, connections: number, seconds: number): Promise<LoadResult> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: connections })
  const result: LoadResult = { requests: 0, failed: 0, client: 'own client' }
  const end = performance.now() + seconds * 1_000
  const one = () =>
    new Promise<boolean>((resolve) => {
      const options = { host: '127.0.0.1', port: gateway.httpsPort, agent, ca: gateway.ca, rejectUnauthorized: false }
      const request = https.get(options, (response) => {
        response.resume().on('error', () => resolve(false))
        response.on('end', () => resolve((response.statusCode ?? 500) < 400))
      })
      request.on('error', () => resolve(false))
    })
  const worker = async () => {
    while (performance.now() < end) {
      result.requests += 1
      if (!(await one())) result.failed += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
  return result
}
