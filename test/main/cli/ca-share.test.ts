import { once } from 'node:events'
import os from 'node:os'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../../support/wait.js'
import { Sandbox } from './portico.js'

/** The page is at the addresses by which other machines reach this one; this machine reaches them as well. */
const IN_A_NETWORK = Object.values(os.networkInterfaces())
  .flat()
  .some((info) => info !== undefined && !info.internal && info.family === 'IPv4')

let box: Sandbox

beforeEach(async () => {
  box = await Sandbox.make()
})

afterEach(() => box.close())

test.skipIf(!IN_A_NETWORK)('the page is there with a QR code until Ctrl-C', async () => {
  await box.serve()
  const share = box.spawn('ca', 'share')
  let output = ''
  share.stdout.on('data', (chunk) => {
    output += chunk
  })
  const notes = text(share.stderr)
  await until(() => /network: http/.test(output), 'the address', 15_000)
  const url = /network: (\S+)/.exec(output)?.[1] ?? ''
  expect(output).toContain('▄▄▄▄▄')
  const page = await fetch(url)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('Have this phone trust Portico')
  share.kill('SIGINT')
  const [code] = await once(share, 'exit')
  expect(code).toBe(0)
  expect(await notes).toContain('The page is closed.')
  await expect(fetch(url)).rejects.toThrow()
})

test.skipIf(!IN_A_NETWORK)('it ends when the gateway does, and says so', async () => {
  await box.serve()
  const share = box.spawn('ca', 'share')
  share.stdout.once('data', () => void box.run('stop'))
  const notes = text(share.stderr)
  const [code] = await once(share, 'exit')
  expect(code).toBe(1)
  expect(await notes).toContain('Portico has stopped.')
})

test('without a gateway it says so', async () => {
  const { code, stderr } = await box.run('ca', 'share')
  expect(code).toBe(1)
  expect(stderr).toContain('portico serve')
})
