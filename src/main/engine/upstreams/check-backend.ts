import http, { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { CheckResult } from './active-health.js'
import { ConnectTimeout, type DialTarget, dial } from './dial.js'
import type { HealthCheck } from './target.js'

/** An answer is read so far that the backend can finish it; what is longer is broken off. */
const MAX_BODY = 64 * 1024

export interface CheckOrder {
  url: string
  /** how it is reached; throws a Fault when it cannot be */
  dial(): DialTarget
  check: HealthCheck
  host: string
}

/**
 * Asks a backend once whether it works, over a connection of its own.
 *
 * @param done called once
 * @returns gives the check up, without a call of `done`
 */
export function checkBackend(order: CheckOrder, done: (result: CheckResult) => void): () => void {
  const { check } = order
  const begun = performance.now()
  let giveUp = () => {}
  let over = false
  const finish = (ok: boolean, result: string) => {
    if (over) return
    end()
    const reason = ok ? null : `The health check of ${order.url} failed: ${result}.`
    done({ at: Date.now(), ok, ms: Math.round((performance.now() - begun) * 10) / 10, result, reason })
  }
  const timer = setTimeout(() => finish(false, `no answer within ${check.timeoutMs} ms`), check.timeoutMs).unref()
  const end = () => {
    over = true
    clearTimeout(timer)
    giveUp()
  }
  const connected = (error: Error | null, socket: Socket | null) => {
    if (socket === null) return finish(false, wordsFor(error))
    giveUp = () => socket.destroy()
    socket.on('error', (broken) => finish(false, wordsFor(broken)))
    if (check.path === null) finish(true, 'connected')
    else ask(order, socket, check.path, finish)
  }
  try {
    giveUp = dial({ ...order.dial(), timeoutMs: check.timeoutMs }, connected)
  } catch (error) {
    setImmediate(() => finish(false, error instanceof Error ? error.message : String(error)))
  }
  return end
}

function ask(
  { check, host }: CheckOrder,
  socket: Socket,
  path: string,
  finish: (ok: boolean, result: string) => void,
): void {
  const request = http.request({
    ...{ method: 'GET', path, createConnection: () => socket }, // with an agent, even `false`, the socket would not be used
    headers: {
      host,
      accept: '*/*',
      'user-agent': 'portico-health',
      'x-forwarded-proto': 'https',
      connection: 'close',
    },
  })
  request.on('error', (error) => finish(false, wordsFor(error)))
  request.on('response', (response) => {
    const { statusCode: status = 0 } = response
    const good = check.expect.some(([from, to]) => status >= from && status <= to)
    const result = `${status} ${response.statusMessage || (STATUS_CODES[status] ?? '')}`.trim()
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_BODY) finish(good, result)
    })
    response.on('end', () => finish(good, result))
    response.on('error', (error) => finish(false, `${result}, then ${wordsFor(error)}`))
  })
  request.end()
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was closed without an answer',
  EPIPE: 'the connection was closed without an answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name does not resolve',
  ETIMEDOUT: 'no connection in time',
}

/** Happy-eyeballs failures carry one error per address. */
function wordsFor(error: Error | null): string {
  if (error === null) return 'no connection'
  if (error instanceof ConnectTimeout) return error.message
  const first = error instanceof AggregateError ? (error.errors[0] as Error | undefined) : error
  const code = first !== undefined && 'code' in first ? String(first.code) : ''
  if (code.startsWith('HPE_')) return 'the answer is not valid HTTP'
  return WORDS[code] ?? (code === '' ? error.message : `${code.toLowerCase().replaceAll('_', ' ')}`)
}
