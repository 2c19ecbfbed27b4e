import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { get as httpGet } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { get as httpsGet } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import type { Protocol } from './cases.ts'
import { BODIES, CIPHER_SUITE, KEY_EXCHANGE_GROUP, type Lab } from './lab.ts'

const REQUEST_TIMEOUT_MS = 10_000
const POLL_MS = 5

interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** Requests `/1k` every few milliseconds until it is answered with 200. Rejects at the deadline, or when `ended` says so. */
export async function untilServed(origin: string, lab: Lab, deadlineMs: number, ended: () => boolean): Promise<void> {
  const deadline = performance.now() + deadlineMs
  let last = 'no attempt was made'
  while (performance.now() < deadline && !ended()) {
    try {
      const { status } = await fetchH1(`${origin}/1k`, lab)
      if (status === 200) return
      last = `status ${status}`
    } catch (error) {
      last = (error as Error).message
    }
    await delay(POLL_MS)
  }
  throw new Error(`${ended() ? 'it ended before it served' : `nothing served within ${deadlineMs} ms`}; last: ${last}`)
}

/** Fetches every body once and compares it with the file. Throws for the first that differs. */
export async function verifyBodies(origin: string, protocol: Protocol, lab: Lab): Promise<void> {
  for (const path of Object.keys(BODIES)) {
    const fetchOnce = protocol === 'h1' ? fetchH1 : fetchH2
    const { status, body } = await fetchOnce(`${origin}${path}`, lab)
    const wanted = await readFile(join(lab.bodiesDir, path))
    if (status !== 200 || digest(body) !== digest(wanted)) {
      throw new Error(`wrong answer over ${protocol} for ${path}: status ${status}, ${body.length} bytes`)
    }
  }
}

/** What is negotiated when the client offers the one suite of the run, as `h2 TLSv1.3 TLS_AES_128_GCM_SHA256 X25519`. */
export function negotiate(origin: string, protocol: Protocol, lab: Lab): Promise<string> {
  const { hostname, port } = new URL(origin)
  const alpn = protocol === 'h1' ? 'http/1.1' : 'h2'
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port: Number(port),
      servername: hostname,
      ca: lab.certificate.pem,
      ALPNProtocols: [alpn],
      ciphers: CIPHER_SUITE,
      minVersion: 'TLSv1.3',
      ecdhCurve: KEY_EXCHANGE_GROUP,
      timeout: REQUEST_TIMEOUT_MS,
    })
    socket.once('error', reject)
    socket.once('timeout', () => socket.destroy(new Error('no TLS handshake in time')))
    socket.once('secureConnect', () => {
      const { name } = socket.getCipher()
      const group = socket.getEphemeralKeyInfo()
      const curve = group !== null && 'name' in group ? group.name : 'unnamed group'
      // A server without ALPN speaks HTTP/1.1.
      const chosen = socket.alpnProtocol || 'http/1.1'
      const version = socket.getProtocol()
      socket.destroy()
      if (chosen === alpn) resolve(`${chosen} ${version} ${name} ${curve}`)
      else reject(new Error(`offered ${alpn}, it chose ${chosen}`))
    })
  })
}

function fetchH1(url: string, lab: Lab): Promise<Answer> {
  const options = { agent: false, family: 4, timeout: REQUEST_TIMEOUT_MS }
  return new Promise((resolve, reject) => {
    const request = url.startsWith('https:')
      ? httpsGet(url, { ...options, ca: lab.certificate.pem })
      : httpGet(url, options)
    request.once('error', reject)
    request.once('timeout', () => request.destroy(new Error('no answer in time')))
    request.once('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
  })
}

function fetchH2(url: string, lab: Lab): Promise<Answer> {
  const { protocol, hostname, host, port, pathname } = new URL(url)
  const session = http2Connect(`${protocol}//127.0.0.1:${port}`, { ca: lab.certificate.pem, servername: hostname })
  return new Promise<Answer>((resolve, reject) => {
    session.once('error', reject)
    session.setTimeout(REQUEST_TIMEOUT_MS, () => session.destroy(new Error('no answer in time')))
    const stream = session.request({ ':authority': host, ':path': pathname })
    let status = 0
    const chunks: Buffer[] = []
    stream.once('error', reject)
    stream.once('response', (headers) => {
      status = headers[':status'] ?? 0
    })
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => resolve({ status, body: Buffer.concat(chunks) }))
  }).finally(() => session.destroy())
}

function digest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
