import { expect, onTestFinished, test } from 'vitest'
import { HTTP2 } from '../support/client.js'
import { startGateway } from '../support/gateway.js'
import { missingChromium, openWindowPage } from '../support/window-page.js'

const MISSING = missingChromium()
if (MISSING !== null && process.env.CI === 'true') throw new Error(`the window cannot be tested: ${MISSING}`)
if (MISSING !== null) console.warn(`SKIPPED the certificates of the window in Chromium: ${MISSING}`)

test.skipIf(MISSING !== null)(
  'a host without a certificate says so, and one that has it gets another by a button',
  { timeout: 60_000 },
  async () => {
    const gateway = await startGateway({
      apps: [
        { name: 'shop', port: 9 },
        { name: 'later', port: 9 },
      ],
    })
    onTestFinished(() => gateway.stop())
    await HTTP2.request(gateway, { host: 'shop.localhost' })
    const fingerprint = async () =>
      (await gateway.engine.call('certificates.list', {})).find(({ name }) => name === 'shop.localhost')?.fingerprint
    const before = await fingerprint()
    const { page, complaints } = await openWindowPage(gateway.engine)
    await page.getByRole('row').filter({ hasText: 'later' }).waitFor()
    await page.keyboard.press('6')
    const row = (host: string) => page.getByRole('row').filter({ hasText: host })
    await row('shop.localhost').getByText('Valid').waitFor()
    await row('later.localhost').getByText('Not issued').waitFor()
    expect(await row('later.localhost').getByRole('button').count()).toBe(0)
    await row('shop.localhost').getByRole('button', { name: 'Renew now' }).click()
    await page.getByText('shop.localhost has a new certificate, valid until').waitFor()
    expect(await fingerprint()).not.toBe(before)
    if (process.env.SHOT !== undefined) await page.screenshot({ path: process.env.SHOT })
    expect(complaints).toEqual([])
  },
)
