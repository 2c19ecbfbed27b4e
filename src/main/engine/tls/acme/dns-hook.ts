import { execFile } from 'node:child_process'
import { AcmeError } from './acme-error.js'

const TIMEOUT_MS = 10 * 60_000
const OUTPUT_LENGTH = 300

/**
 * Lets the user's command set or remove a DNS record: `command… present|cleanup FQDN VALUE`, each an argument of its own,
 * without a shell. It has ten minutes, and ends when the record is visible. Rejects with an AcmeError.
 *
 * @param fqdn name of the TXT record, without a dot at its end
 */
export function runDnsHook(
  command: readonly string[],
  action: 'present' | 'cleanup',
  fqdn: string,
  value: string,
): Promise<void> {
  const [program = '', ...args] = command
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, windowsHide: true }
    const child = execFile(program, [...args, action, fqdn, value], options, (error, stdout, stderr) => {
      if (error === null) return resolve()
      const said = (stderr || stdout)
        .replace(/\p{C}+/gu, ' ')
        .trim()
        .slice(-OUTPUT_LENGTH)
      reject(
        new AcmeError(`the command of tls.acme.dnsHook failed: ${said === '' ? error.message : said}`, {
          remedy: `Try it by hand: ${[...command, action, fqdn, value].join(' ')}`,
          cause: error,
        }),
      )
    })
    child.stdin?.end()
  })
}
