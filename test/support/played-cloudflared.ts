import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { until } from './wait.js'

export const PUBLIC_HOST = 'calm-blue-lake.trycloudflare.com'

/** Says what cloudflared says when all goes well, and shows nothing to anybody. */
const SCRIPT = `
const { writeFileSync } = require('node:fs')
const words = process.argv.slice(2)
if (words[0] === '--version') {
  console.log('cloudflared version 2025.2.0 (built 2025-02-03-1206 UTC)')
  process.exit()
}
const say = (text) => console.error(new Date().toISOString().replace(/\\.\\d+/, '') + ' INF ' + text)
say('|  https://${PUBLIC_HOST}                                                 |')
say('Registered tunnel connection connIndex=0 event=0 ip=198.41.192.27 location=fra08 protocol=quic')
writeFileSync(__dirname + '/run.json', JSON.stringify({ pid: process.pid, url: words[words.indexOf('--url') + 1] }))
setInterval(() => {}, 1000)
`

/** A program in the place of cloudflared. */
export interface PlayedCloudflared {
  /** the environment in which it is found */
  env: Record<string, string>
  /** The run of the moment, other than the one with this pid, and where it was told that the app is. */
  run(before?: number): Promise<{ pid: number; port: number }>
  close(): Promise<void>
}

export async function playCloudflared(): Promise<PlayedCloudflared> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portico-cloudflared-'))
  await writeFile(path.join(dir, 'cloudflared'), `#!${process.execPath}\n${SCRIPT}`, { mode: 0o755 })
  return {
    env: { PATH: dir, HOME: dir },
    close: () => rm(dir, { recursive: true, force: true }),
    run: async (before = 0) => {
      let run = { pid: before, url: '' }
      const look = async () => {
        const text = await readFile(path.join(dir, 'run.json'), 'utf8').catch(() => '')
        if (text !== '') run = JSON.parse(text) as typeof run
        return run.pid !== before
      }
      await until(look, 'the tool runs', 10_000)
      return { pid: run.pid, port: Number(new URL(run.url).port) }
    },
  }
}
