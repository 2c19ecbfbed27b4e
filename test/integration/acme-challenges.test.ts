import http from 'node:http'
import tls from 'node:tls'
import { expect, test } from 'vitest'
import { type AcmeBench, type AcmeConfig, acmeBench, issued, seenBy } from '../support/acme.js'
import { startFront } from '../support/acme-front.js'
import type { TestGateway } from '../support/gateway.js'
import { pebbleMissing } from '../support/pebble.js'
import { within } from '../support/wait.js'

const MISSING = pebbleMissing('the challenges of ACME')
const HOST = 'shop.gw.test'
const OTHER = 'other.gw.test'
const PREFIX = '/.well-known/acme-challenge/'

/** Gets a certificate, and looks at the gateway at the moment when the authority has been told to look. */
async function whilePending<T>(
  challenge: AcmeConfig['challenge'],
  look: (bench: AcmeBench, token: string) => Promise<T>,
) {
  const bench = await acmeBench()
  const front = await startFront(bench.pebble)
  let outcome: Promise<T> | null = null
  front.answer = async (at) => {
    if (!at.includes('chalZ')) return null
    const authorization = front.bodies.findLast((body) => body.includes('"challenges"')) ?? '{}'
    const { challenges } = JSON.parse(authorization) as { challenges: { type: string; token: string }[] }
    outcome ??= look(bench, challenges.find(({ type }) => type === challenge)?.token ?? '')
    await outcome.catch(() => {})
    return null
  }
  const acme = {
    email: 'a@b.cd',
    directory: front.directory,
    caFile: front.caFile,
    ...(challenge ? { challenge } : {}),
  }
  await bench.gateway.configure({
    tls: { acme },
    apps: [
      { name: 'shop', port: 1, hosts: [HOST], certificate: 'acme' },
      { name: 'other', port: 1, hosts: [OTHER] },
    ],
  })
  await issued(bench, HOST)
  return { bench, found: (await outcome) as T }
}

/** Status and body over plain HTTP. */
function ask({ httpPort }: TestGateway, host: string, path: string, method = 'GET'): Promise<string> {
  return within(
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: httpPort,
        path,
        method,
        headers: { Host: host },
        agent: false as const,
      }
      const request = http.request(options, (response) => {
        let body = ''
        response.on('data', (chunk) => {
          body += chunk
        })
        response.on('end', () => resolve(`${response.statusCode} ${body}`))
      })
      request.on('error', reject).end()
    }),
    'an answer',
  )
}

test.skipIf(MISSING !== null)(
  'a token is answered for its own host over plain HTTP, and only while it is waited for',
  { timeout: 60_000 },
  async () => {
    const { bench, found } = await whilePending('http-01', async ({ gateway }, token) => ({
      token,
      right: await ask(gateway, HOST, PREFIX + token),
      withPort: await ask(gateway, `${HOST}:80`, PREFIX + token),
      otherHost: await ask(gateway, OTHER, PREFIX + token),
      otherToken: await ask(gateway, HOST, `${PREFIX}x`),
      folder: await ask(gateway, HOST, PREFIX),
      post: await ask(gateway, HOST, PREFIX + token, 'POST'),
    }))
    expect(found.token).toMatch(/^[\w-]{20,}$/)
    expect(found.right).toMatch(new RegExp(`^200 ${found.token}\\.[\\w-]{43}$`))
    expect(found.withPort).toBe(found.right)
    for (const answer of [found.otherHost, found.otherToken, found.folder, found.post])
      expect(answer).toMatch(/^308 See https/)
    expect(await ask(bench.gateway, HOST, PREFIX + found.token)).toMatch(/^308 /)
  },
)

/** The certificate that a client of acme-tls/1 sees; the error when the handshake fails. */
function acmeTls({ httpsPort }: TestGateway, servername: string, protocols = ['acme-tls/1']): Promise<string> {
  return within(
    new Promise((resolve) => {
      const options = {
        host: '127.0.0.1',
        port: httpsPort,
        servername,
        ALPNProtocols: protocols,
        rejectUnauthorized: false,
      }
      const client = tls.connect(options, () => {
        const { raw } = client.getPeerCertificate()
        resolve(`${client.alpnProtocol} ${raw.toString('hex')}`)
        client.destroy()
      })
      client.on('error', (error: NodeJS.ErrnoException) => resolve(`failed ${error.code}`))
    }),
    'a handshake',
  )
}

/** 1.3.6.1.5.5.7.1.31, the identifier of the extension that RFC 8737 is about */
const IDENTIFIER = '2b0601050507011f'

test.skipIf(MISSING !== null)(
  'acme-tls/1 is spoken for a pending name alone, and others who come for that name get its own certificate',
  { timeout: 60_000 },
  async () => {
    const { bench, found } = await whilePending('tls-alpn-01', async ({ gateway }) => ({
      right: await acmeTls(gateway, HOST),
      upperCase: await acmeTls(gateway, HOST.toUpperCase()),
      otherHost: await acmeTls(gateway, OTHER),
      mixed: await acmeTls(gateway, HOST, ['h2', 'acme-tls/1']),
      browser: await seenBy(gateway, HOST, gateway.ca),
    }))
    expect(found.right).toMatch(new RegExp(`^acme-tls/1 .*${IDENTIFIER}`))
    expect(found.upperCase).toBe(found.right)
    expect(found.otherHost).toMatch(/^failed/)
    expect(found.mixed).toMatch(/^h2 /)
    expect(found.mixed).not.toContain(IDENTIFIER)
    expect(found.browser).toMatchObject({ authorized: true, names: `DNS:${HOST}` })
    expect(await acmeTls(bench.gateway, HOST)).toMatch(/^failed/)
  },
)
