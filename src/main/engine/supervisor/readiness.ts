import http from 'node:http'
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { OutputLog } from './output/output-log.js'
import type { HealthCheck, ProcessSettings } from './settings.js'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500
/** Nobody on the loopback takes longer to accept, unless its queue is full. */
const CONNECT_MS = 2_000
/** A dev server may listen on `localhost`, which is either. */
const ADDRESSES = ['127.0.0.1', '::1'] as const

export interface Readiness {
  settings: Pick<ProcessSettings, 'health' | 'readyWhen'>
  /** that it was told to listen on */
  port: number
  output: Pick<OutputLog, 'onLines'>
  /** gives up waiting */
  signal: AbortSignal
}

/**
 * Waits until a process that was just started is ready: its health check passes; without one, a line of its output matches
 * `readyWhen`; with neither, its port accepts.
 *
 * @throws Error when the signal aborts: its message is a sentence that says what was still missing, its cause the reason of
 *   the signal
 */
export function waitReady({ settings, port, output, signal }: Readiness): Promise<void> {
  const { health, readyWhen } = settings
  if (health !== null) return untilGood(() => checkHealth(health, port, signal), signal)
  if (readyWhen !== null) return untilLine(readyWhen, output, signal)
  return untilGood(() => checkPort(port, signal), signal)
}

/** @param look returns what is missing, or null */
async function untilGood(look: () => Promise<string | null>, signal: AbortSignal): Promise<void> {
  let missing = 'it was not looked at yet'
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    const found = await look()
    if (found === null) return
    // What an aborted look says is that it was aborted.
    if (!signal.aborted) missing = found
    await delay(pause, undefined, { signal }).catch(() => {})
  }
  throw new Error(missing, { cause: signal.reason })
}

function untilLine(pattern: RegExp, output: Readiness['output'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      stop()
      reject(new Error(`no line of its output matched ${pattern}`, { cause: signal.reason }))
    }
    const stop = output.onLines((lines) => {
      const printed = lines.filter(({ stream }) => stream !== 'portico')
      if (!printed.some(({ text }) => pattern.test(stripVTControlCharacters(text)))) return
      stop()
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}

async function checkPort(port: number, signal: AbortSignal): Promise<string | null> {
  const missing = await anyOf(ADDRESSES.map((host) => connect(host, port, signal)))
  return missing === null ? null : `nothing accepts connections on port ${port}`
}

async function checkHealth(health: HealthCheck, port: number, signal: AbortSignal): Promise<string | null> {
  if (health.path === null) return checkPort(port, signal)
  return anyOf(ADDRESSES.map((host) => get(host, port, health, signal)))
}

/** One address that was tried. `missing` is null when it was good. */
interface Attempt {
  missing: string | null
  connected: boolean
}

/** @returns null as soon as one attempt is good; otherwise what the one says that came furthest */
async function anyOf(attempts: Promise<Attempt>[]): Promise<string | null> {
  const good = attempts.map(async (attempt) => {
    const { missing } = await attempt
    if (missing !== null) throw new Error(missing)
  })
  const first = await Promise.any(good).then(
    () => true,
    () => false,
  )
  if (first) return null
  const failed = await Promise.all(attempts)
  return (failed.find(({ connected }) => connected) ?? failed[0]!).missing
}

function connect(host: string, port: number, signal: AbortSignal): Promise<Attempt> {
  return new Promise((resolve) => {
    const settle = (missing: string | null) => {
      signal.removeEventListener('abort', giveUp)
      socket.destroy()
      resolve({ missing, connected: missing === null })
    }
    const giveUp = () => settle('it was given up')
    const socket = net.connect({ host, port })
    socket.setTimeout(CONNECT_MS, () => settle('no connection in time'))
    socket.once('connect', () => settle(null))
    socket.once('error', ({ message }) => settle(message))
    signal.addEventListener('abort', giveUp, { once: true })
  })
}

function get(host: string, port: number, health: HealthCheck, signal: AbortSignal): Promise<Attempt> {
  const path = health.path ?? '/'
  return new Promise((resolve) => {
    let connected = false
    const settle = (missing: string | null) => {
      clearTimeout(timer)
      request.destroy()
      resolve({ missing: missing === null ? null : `GET ${path} on port ${port} ${missing}`, connected })
    }
    const headers = { host: `localhost:${port}`, 'user-agent': 'Portico', accept: '*/*', connection: 'close' }
    const request = http.get({ host, port, path, headers, agent: false, signal })
    const timer = setTimeout(() => settle(`was not answered within ${health.timeoutMs} ms`), health.timeoutMs)
    request.once('socket', (socket) => {
      socket.once('connect', () => {
        connected = true
      })
    })
    request.once('response', ({ statusCode = 0 }) => {
      const good = health.expect.some(([from, to]) => statusCode >= from && statusCode <= to)
      settle(good ? null : `was answered with ${statusCode}`)
    })
    request.on('error', ({ message }) => settle(`failed: ${message}`))
  })
}
