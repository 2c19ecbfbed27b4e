import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { HOST, startPanel } from '../support/panel.js'

/** Programs' arguments are seen by every user of a machine, and a link to the panel is an argument of the browser. */

const NOBODY = 65_534
const reason = process.getuid?.() === 0 ? null : 'only root can be another user'
if (reason !== null) console.log(`SKIPPED: links in the hands of another user: ${reason}`)

test.skipIf(reason !== null).each(['127.0.0.1', '[::1]'])(
  'a link that a browser was opened with is of no use to another user at %s, and stays of use to the own',
  async (address) => {
    const { gateway } = await startPanel({}, { host: hostFacts('linux') })
    const port = gateway.httpsPort
    const status = async (url: string, user?: number) => {
      const words = ['-sk', '-o', '/dev/null', '-w', '%{http_code}', '--resolve', `${HOST}:${port}:${address}`, url]
      const { stdout } = await promisify(execFile)('curl', words, {
        timeout: 20_000,
        ...(user && { uid: user, gid: user }),
      })
      return Number(stdout)
    }
    const { url } = await gateway.engine.call('panel.open', { sameUser: true })
    expect(await status(url, NOBODY)).toBe(403)
    expect(await status(url)).toBe(303)
    expect(await status(url)).toBe(403)
    const printed = await gateway.engine.call('panel.open', {})
    expect(await status(printed.url, NOBODY)).toBe(303)
  },
)
