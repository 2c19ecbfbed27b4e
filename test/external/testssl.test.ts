import { execFile, execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify, stripVTControlCharacters } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../support/chromium.js'
import { startGateway } from '../support/gateway.js'

/** The grade that testssl.sh gives by the SSL Labs Server Rating Guide; versions before 3.2 give none. */

const MISSING = missingTestssl()
if (MISSING !== null) console.warn(`SKIPPED the grade of testssl.sh: ${MISSING}`)

/** One thing that testssl.sh has found. */
interface Finding {
  id: string
  severity: 'OK' | 'INFO' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' | 'WARN' | 'DEBUG'
  finding: string
}

test.skipIf(MISSING !== null)(
  'testssl.sh gives a gateway grade A, trusts its chain, and finds no weakness',
  { timeout: 400_000 },
  async () => {
    const folder = await temporaryDirectory('testssl')
    const site = path.join(folder, 'site')
    await mkdir(site)
    await writeFile(path.join(site, 'index.html'), '<!doctype html><title>shop</title>')
    const gateway = await startGateway({ apps: [{ name: 'shop', static: { dir: site } }] })
    onTestFinished(() => gateway.stop())
    const file = path.join(folder, 'findings.json')
    // No look-ups and no connections but to the gateway.
    const words = ['--ip', '127.0.0.1', '--nodns', 'none', '--warnings', 'off', '--color', '0', '--quiet']
    const where = ['--add-ca', gateway.caFile, '--jsonfile', file, `https://shop.localhost:${gateway.httpsPort}/`]
    // It ends with how much it has found.
    await promisify(execFile)('testssl', [...words, ...where], { cwd: folder, timeout: 360_000 }).catch(() => {})
    const findings = JSON.parse(await readFile(file, 'utf8')) as Finding[]
    const told = (id: string) => findings.find((one) => one.id === id)?.finding

    expect(told('overall_grade')).toMatch(/^A\+?$/)
    expect(told('cert_chain_of_trust')).toMatch(/^passed/)
    expect(told('TLS1_3')).toMatch(/^offered/)
    expect(['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1'].map(told)).toEqual(Array(4).fill(expect.stringMatching(/^not offered/)))
    expect(Number(told('final_score'))).toBeGreaterThanOrEqual(80)
    const weak = findings.filter(({ severity }) => ['MEDIUM', 'HIGH', 'CRITICAL'].includes(severity))
    // The CA of one machine publishes nothing, and so no revocations.
    expect(weak.map(({ id }) => id)).toEqual(['cert_revocation'])
  },
)

function missingTestssl(): string | null {
  try {
    const said = execFileSync('testssl', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const [version, major, minor] = /version (\d+)\.(\d+)/.exec(stripVTControlCharacters(said)) ?? []
    if (version === undefined) return 'its version cannot be read'
    return Number(major) > 3 || Number(minor) >= 2 ? null : 'it is older than 3.2 (Debian 12 has that in its backports)'
  } catch {
    return 'no testssl (install testssl.sh 3.2; Debian 12 has it in its backports)'
  }
}
