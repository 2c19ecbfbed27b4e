import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { freePort, type Lab } from '../lab.ts'
import { HTTP_PROXY_3 } from '../model.ts'
import type { Contestant, StartPlan } from './contestant.ts'

/** http-proxy-3 and nothing else, on the Node that runs the benchmark. It has no HTTP/2 server side of its own. */
export function httpProxy3(backendPort: number): Contestant {
  return {
    name: HTTP_PROXY_3,
    protocols: ['h1'],
    missing: async () => null,
    version: readVersion,
    plan: (lab) => planHttpProxy3(lab, backendPort),
  }
}

async function readVersion(): Promise<string> {
  const file = new URL('../../node_modules/http-proxy-3/package.json', import.meta.url)
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string }
  return `http-proxy-3 ${version} on Node ${process.version}`
}

async function planHttpProxy3(lab: Lab, backendPort: number): Promise<StartPlan> {
  const port = await freePort()
  const script = fileURLToPath(new URL('../peers/http-proxy-3.mjs', import.meta.url))
  const { certFile, keyFile } = lab.certificate
  return {
    command: process.execPath,
    args: [script, String(port), String(backendPort), certFile, keyFile],
    origins: { h1: `https://localhost:${port}` },
  }
}
