import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { TestGateway } from './gateway.js'

const run = promisify(execFile)

/**
 * Runs curl against a host of the gateway, which it resolves to the loopback, with the local CA as its only trust.
 *
 * @returns what curl printed; rejects when it exits other than 0
 */
export async function curl(gateway: TestGateway, url: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(
    'curl',
    [
      '--silent',
      '--show-error',
      '--max-time',
      '20',
      '--noproxy',
      '*',
      '--cacert',
      gateway.caFile,
      '--connect-to',
      `::127.0.0.1:${gateway.httpsPort}`,
      ...args,
      url,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  )
  return stdout
}
