import { execFileSync } from 'node:child_process'
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../../src/main/platform/plan/run-program.js'
import { TrustKeeper } from '../../src/main/platform/trust-store/trust-keeper.js'
import { temporaryDirectory } from '../support/chromium.js'
import { startGateway, type TestGateway } from '../support/gateway.js'
import { curlTrusts, HOST, nodeTrusts, pythonTrusts, UNTOLD } from '../support/trust-clients.js'

const JAVA_HOME = javaHome()
if (JAVA_HOME === null && process.env.CI === 'true') throw new Error('Java’s keystore cannot be tested: no java')
if (JAVA_HOME === null) console.warn('SKIPPED Java’s keystore: no java')

async function begin(env: NodeJS.ProcessEnv = {}) {
  const home = await temporaryDirectory('home')
  await writeFile(path.join(home, 'index.html'), 'hello')
  const gateway = await startGateway({ apps: [{ name: 'shop', static: { dir: home } }] })
  onTestFinished(() => gateway.stop())
  const { pem, file: certFile } = await gateway.engine.call('ca.info', {})
  const keeper = new TrustKeeper({
    platform: 'linux',
    env: { PATH: UNTOLD.PATH, ...env },
    home,
    root: '',
    run: runProgram,
  })
  return { home, gateway, keeper, ca: { pem, certFile } }
}

test('Node, curl and Python trust the CA by the variables, and by nothing else', { timeout: 90_000 }, async () => {
  const { gateway, keeper, ca } = await begin()
  const clients = [nodeTrusts, curlTrusts, pythonTrusts]
  const verdicts = (env: NodeJS.ProcessEnv) =>
    Promise.all(clients.map(async (trusts) => (await trusts(gateway, env)).accepted))
  expect(await verdicts({})).toEqual([false, false, false])
  expect(await verdicts(await keeper.variables(ca, gateway.dataDir))).toEqual([true, true, true])
})

test.skipIf(JAVA_HOME === null)(
  'Java trusts the CA after install, and its keystore lists the same after uninstall as before',
  { timeout: 120_000 },
  async () => {
    const javaHome = path.join(await temporaryDirectory('java'), 'jdk')
    const keystore = path.join(javaHome, 'lib/security/cacerts')
    await mkdir(path.dirname(keystore), { recursive: true })
    await mkdir(path.join(javaHome, 'bin'))
    await copyFile(path.join(JAVA_HOME!, 'lib/security/cacerts'), keystore)
    await symlink(path.join(JAVA_HOME!, 'bin/keytool'), path.join(javaHome, 'bin/keytool'))
    const { gateway, keeper, ca, home } = await begin({ JAVA_HOME: javaHome })
    const selection = [`java:${keystore}`]
    const before = list(keystore)
    expect(await javaReaches(gateway, keystore, home, '/before')).toBe(false)

    const install = await keeper.plan('install', ca, selection)
    expect(await keeper.apply('install', ca, install.id, selection)).toMatchObject({ ok: true })
    expect(await javaReaches(gateway, keystore, home, '/after')).toBe(true)

    const removal = await keeper.plan('uninstall', ca, selection)
    expect(await keeper.apply('uninstall', ca, removal.id, selection)).toMatchObject({ ok: true })
    expect(list(keystore)).toBe(before)
  },
)

/** keytool reads a CRL from an address with the JDK's own client; what comes back is none, but the request is made. */
async function javaReaches(gateway: TestGateway, keystore: string, home: string, target: string): Promise<boolean> {
  const hosts = path.join(home, 'hosts')
  await writeFile(hosts, `127.0.0.1 ${HOST}\n`)
  const options = [`-J-Djavax.net.ssl.trustStore=${keystore}`, `-J-Djdk.net.hosts.file=${hosts}`]
  const url = `https://${HOST}:${gateway.httpsPort}${target}`
  await runProgram(path.join(JAVA_HOME!, 'bin/keytool'), [...options, '-printcrl', '-file', url])
  return gateway.entries().some((entry) => entry.path === target)
}

function list(keystore: string): string {
  const words = ['-list', '-v', '-keystore', keystore, '-storepass', 'changeit']
  return execFileSync(path.join(JAVA_HOME!, 'bin/keytool'), words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

function javaHome(): string | null {
  try {
    const words = ['-c', 'java -XshowSettings:properties -version 2>&1']
    const printed = execFileSync('sh', words, { encoding: 'utf8', timeout: 30_000 })
    return /java\.home = (.+)/.exec(printed)?.[1]?.trim() ?? null
  } catch {
    return null
  }
}
