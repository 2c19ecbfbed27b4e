import { readFile } from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Sandbox, type Server } from './portico.js'

let box: Sandbox

beforeEach(async () => {
  box = await Sandbox.make()
})

afterEach(() => box.close())

const LINK = /https:\/\/portico\.localhost:\d+\/login\?token=[\w-]{43}/

test('portico serve prints a link to the panel, and portico open --print another one; both log a browser in', async () => {
  const server = await box.serve()
  const banner = /^Panel: (\S+)$/m.exec(server.stdout)?.[1] ?? ''
  expect(banner).toMatch(LINK)
  const { code, stdout, stderr } = await box.run('open', '--print')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.trimEnd()).toMatch(LINK)
  expect(stdout.trimEnd()).not.toBe(banner)
  for (const url of [banner, stdout.trimEnd()]) expect(await visit(server, url)).toMatchObject({ status: 303 })
})

test('the built window is served to who has logged in', async () => {
  const server = await box.serve()
  const { stdout } = await box.run('open', '--print')
  const { cookie } = await visit(server, stdout.trimEnd())
  const page = await visit(server, `https://portico.localhost:${server.httpsPort}/`, cookie)
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<div id="root">') })
})

test('portico open without a gateway says so', async () => {
  const { code, stderr } = await box.run('open')
  expect(code).toBe(1)
  expect(stderr).toContain('portico serve')
})

async function visit(
  server: Server,
  url: string,
  cookie = '',
): Promise<{ status: number; cookie: string; body: string }> {
  const ca = await readFile(path.join(box.dataDir, 'ca', 'ca.pem'), 'utf8')
  const { host, hostname, pathname, search } = new URL(url)
  return new Promise((resolve, reject) => {
    const request = https.get({
      ...{ host: '127.0.0.1', port: server.httpsPort, path: pathname + search, servername: hostname, ca, agent: false },
      headers: { host, cookie },
    })
    request.on('error', reject)
    request.on('response', async (response) => {
      const body = Buffer.concat(await response.toArray()).toString()
      const set = response.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
      resolve({ status: response.statusCode ?? 0, cookie: set, body })
    })
  })
}
