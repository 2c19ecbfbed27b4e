import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import https from 'node:https'
import { type AddressInfo, isIP } from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { type Authority, openAuthority } from '../../src/main/engine/tls/authority.js'
import { issuerOf } from '../../src/main/engine/tls/authority-key.js'
import { issueLeaf } from '../../src/main/engine/tls/issue.js'
import { LEAF_LIFE_MS, validityFrom } from '../../src/main/engine/tls/renewal.js'
import { rotateAuthority } from '../../src/main/engine/tls/rotation.js'
import { launchTrusting, missingBrowser, temporaryDirectory } from '../support/chromium.js'
import { UNTOLD } from '../support/trust-clients.js'

const run = promisify(execFile)

const INSIDE = [
  'shop.localhost',
  'deep.x.test',
  'nas.local',
  'a.internal',
  'b.home.arpa',
  '127.0.0.1',
  '::1',
  '192.168.1.5',
]
const OUTSIDE = ['example.com', 'localhost.example.com', 'notlocalhost', '8.8.8.8', '2001:4860:4860::8888']

/** A site whose leaf the key of the CA has signed, whatever the name. */
interface Site {
  name: string
  port: number
  leafFile: string
  /** paths that were asked for */
  asked: string[]
}

async function authority(...addDomains: string[]): Promise<Authority> {
  const directory = path.join(await temporaryDirectory('ca'), 'ca')
  const made = await openAuthority(directory, Date.now())
  if (addDomains.length === 0) return made
  await rotateAuthority(directory, Date.now(), { add: addDomains })
  return openAuthority(directory, Date.now())
}

async function site(ca: Authority, name: string): Promise<Site> {
  const subject = { organization: 'test', organizationalUnit: 'test' }
  const { cert, key } = await issueLeaf(await issuerOf(ca), subject, [name], validityFrom(Date.now(), LEAF_LIFE_MS))
  const leafFile = path.join(await temporaryDirectory('leaf'), 'leaf.pem')
  writeFileSync(leafFile, cert)
  const asked: string[] = []
  const server = https.createServer({ cert, key }, ({ url = '' }, answer) => {
    asked.push(url)
    answer.setHeader('content-type', 'text/html').end('<title>reached</title>')
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '::', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { name, port: (server.address() as AddressInfo).port, leafFile, asked }
}

type Client = (ca: Authority, site: Site) => Promise<boolean>

const succeeds = (running: Promise<unknown>) =>
  running.then(
    () => true,
    () => false,
  )

const openssl: Client = (ca, { leafFile }) =>
  succeeds(run('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', ca.certFile, leafFile]))

const node: Client = (ca, { name, port }) =>
  succeeds(
    new Promise<void>((resolve, reject) => {
      const sni = isIP(name) === 0 ? { servername: name } : {}
      const checkServerIdentity = (_: string, certificate: tls.PeerCertificate) =>
        tls.checkServerIdentity(name, certificate)
      const socket = tls.connect({ host: '127.0.0.1', port, ca: ca.pem, checkServerIdentity, timeout: 10_000, ...sni })
      socket.once('error', reject).once('timeout', reject)
      socket.once('secureConnect', () => {
        socket.destroy()
        resolve()
      })
    }),
  )

const PYTHON = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.verify_flags |= ssl.VERIFY_X509_STRICT
context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[3])), 20), server_hostname=sys.argv[2]).close()`

const python: Client = (ca, { name, port }) =>
  succeeds(run('python3', ['-c', PYTHON, ca.certFile, name, String(port)], { env: UNTOLD, timeout: 40_000 }))

/** keytool reads a CRL from an address with the JDK's own client; what comes back is none, but the request is made. */
const java: Client = async (ca, { name, port, asked }) => {
  const folder = await temporaryDirectory('java')
  const [keystore, hosts] = [path.join(folder, 'store'), path.join(folder, 'hosts')]
  const store = ['-keystore', keystore, '-storepass', 'changeit']
  await run('keytool', ['-importcert', '-noprompt', '-alias', 'ca', '-file', ca.certFile, ...store])
  writeFileSync(hosts, `127.0.0.1 ${name}\n`)
  const password = '-J-Djavax.net.ssl.trustStorePassword=changeit'
  const options = [password, `-J-Djavax.net.ssl.trustStore=${keystore}`, `-J-Djdk.net.hosts.file=${hosts}`]
  await succeeds(
    run('keytool', [...options, '-printcrl', '-file', `https://${name}:${port}/java`], { timeout: 40_000 }),
  )
  return asked.includes('/java')
}

const CLIENTS: Record<string, Client> = { openssl, node, python }

for (const [client, accepts] of Object.entries(CLIENTS)) {
  test(`${client} accepts what a new CA may vouch for, and nothing else that its key has signed`, {
    timeout: 90_000,
  }, async () => {
    const ca = await authority()
    for (const name of INSIDE) expect([name, await accepts(ca, await site(ca, name))]).toEqual([name, true])
    for (const name of OUTSIDE) expect([name, await accepts(ca, await site(ca, name))]).toEqual([name, false])
  })

  test(`${client} accepts a domain and an address that a person has added`, { timeout: 60_000 }, async () => {
    const ca = await authority('*.example.com', '8.8.8.8')
    for (const name of ['www.example.com', '8.8.8.8', 'shop.localhost'])
      expect([name, await accepts(ca, await site(ca, name))]).toEqual([name, true])
    for (const name of ['example.org', '8.8.8.9'])
      expect([name, await accepts(ca, await site(ca, name))]).toEqual([name, false])
  })
}

const MISSING = missingBrowser()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`Chromium cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED name constraints in Chromium: ${MISSING}`)

test.skipIf(MISSING !== null)(
  'Chromium accepts names within and refuses names without',
  { timeout: 120_000 },
  async () => {
    const [ca, wider] = [await authority(), await authority('example.com')]
    const visit = async (browser: Browser, { name, port }: Site) => {
      const page = await browser.newPage()
      try {
        await page.goto(`https://${name.includes(':') ? `[${name}]` : name}:${port}/`)
        return await page.title()
      } catch (error) {
        return /net::\w+/.exec(String(error))?.[0] ?? String(error)
      } finally {
        await page.close()
      }
    }
    const browser = await launchTrusting(ca.certFile, ['--host-resolver-rules=MAP * 127.0.0.1, EXCLUDE [::1]'])
    for (const name of INSIDE) expect([name, await visit(browser, await site(ca, name))]).toEqual([name, 'reached'])
    for (const name of OUTSIDE)
      expect([name, await visit(browser, await site(ca, name))]).toEqual([
        name,
        expect.stringMatching(/^net::ERR_CERT_/),
      ])
    const trusting = await launchTrusting(wider.certFile, ['--host-resolver-rules=MAP * 127.0.0.1'])
    expect(await visit(trusting, await site(wider, 'www.example.com'))).toBe('reached')
  },
)

const NO_JAVA = spawnSync('keytool', ['-help']).error !== undefined
if (NO_JAVA) console.warn('SKIPPED a constrained CA in Java: no keytool')

/** It passes over the constraints of a CA that it trusts, and takes them for nothing worse. */
test.skipIf(NO_JAVA)('Java accepts what a new CA may vouch for', { timeout: 90_000 }, async () => {
  const ca = await authority()
  for (const name of ['shop.localhost', 'deep.x.test', '127.0.0.1'])
    expect([name, await java(ca, await site(ca, name))]).toEqual([name, true])
  expect(await java(await authority(), await site(ca, 'shop.localhost'))).toBe(false)
})
