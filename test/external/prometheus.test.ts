import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryDirectory } from '../support/chromium.js'
import { HTTP1 } from '../support/client.js'
import { freePort } from '../support/free-port.js'
import { startGateway } from '../support/gateway.js'
import { startUpstream } from '../support/upstream.js'
import { until } from '../support/wait.js'

/** What Prometheus itself makes of the metrics. */

const MISSING = ['prometheus', 'promtool'].find((program) => !has(program))
if (MISSING !== undefined) console.warn(`SKIPPED the scrape by Prometheus: there is no ${MISSING} here`)

const TOKEN = 'a-token-of-16-or-more'

interface Targets {
  data: { activeTargets: { health: string; lastError: string; labels: { job: string } }[] }
}

test.skipIf(MISSING !== undefined)(
  'Prometheus scrapes the port and the panel without an error, and promtool finds nothing to complain about',
  { timeout: 60_000 },
  async () => {
    const port = await freePort()
    const upstream = await startUpstream()
    const policies = { rateLimit: { rate: '1/h' } }
    const process = { command: ['node', '-e', 'setInterval(() => {}, 1000)'], start: 'manual' as const }
    const gateway = await startGateway({
      metrics: { port, token: TOKEN },
      // A name that Prometheus, which asks DNS alone, finds here.
      panel: { host: 'localhost' },
      apps: [
        { name: 'app', port: upstream.port },
        { name: 'limited', port: upstream.port, policies },
        { name: 'own', process },
      ],
    })
    onTestFinished(async () => {
      await gateway.stop()
      await upstream.close()
    })
    for (let i = 0; i < 3; i++) await HTTP1.request(gateway)
    for (let i = 0; i < 3; i++) await HTTP1.request(gateway, { host: 'limited.localhost' })

    const page = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    // It ends with another code than 0 for whatever it finds.
    const found = execFileSync('promtool', ['check', 'metrics'], { input: await page.text(), encoding: 'utf8' })
    expect(found).toBe('')

    const prometheus = await startPrometheus(port, gateway.httpsPort, gateway.caFile)
    const ask = async <T>(at: string) => (await (await fetch(`${prometheus}${at}`)).json()) as T
    const targets = async () => (await ask<Targets>('/api/v1/targets')).data.activeTargets
    const scraped = async () =>
      (await targets().catch(() => [])).filter(({ health }) => health !== 'unknown').length === 2
    await until(scraped, 'both scrapes', 30_000)
    expect(await targets()).toMatchObject([
      { health: 'up', lastError: '' },
      { health: 'up', lastError: '' },
    ])
    const query = encodeURIComponent('sum by (job) (portico_requests_total{app="app",status="200"})')
    const answer = await ask<{ data: { result: { value: [number, string] }[] } }>(`/api/v1/query?query=${query}`)
    expect(answer.data.result.map(({ value }) => value[1])).toEqual(['3', '3'])
  },
)

async function startPrometheus(port: number, httpsPort: number, caFile: string): Promise<string> {
  const folder = await temporaryDirectory('prometheus')
  const own = await freePort()
  const authorization = { credentials: TOKEN }
  const panel = { scheme: 'https', tls_config: { ca_file: caFile } }
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      { job_name: 'port', authorization, static_configs: [{ targets: [`localhost:${port}`] }] },
      { job_name: 'panel', authorization, ...panel, static_configs: [{ targets: [`localhost:${httpsPort}`] }] },
    ],
  }
  const file = path.join(folder, 'prometheus.yml')
  await writeFile(file, JSON.stringify(config)) // which is YAML too
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${own}`]
  const child = spawn('timeout', ['60', 'prometheus', ...args], { cwd: folder, stdio: 'ignore' })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  })
  return `http://127.0.0.1:${own}`
}

function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
