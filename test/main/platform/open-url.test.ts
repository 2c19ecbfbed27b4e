import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openUrl, openUrlCommand } from '../../../src/main/platform/open-url.js'
import { until } from '../../support/wait.js'

const URL = 'https://portico.localhost/login?token=a&b=c'

test.each([
  ['darwin', {}, { file: 'open', args: [URL] }],
  ['win32', {}, { file: 'rundll32', args: ['url.dll,FileProtocolHandler', URL] }],
  ['linux', { DISPLAY: ':0' }, { file: 'xdg-open', args: [URL] }],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, { file: 'xdg-open', args: [URL] }],
  ['linux', { DISPLAY: '' }, null],
  ['freebsd', {}, null],
] as const)('on %s with %o a URL is opened by %o', (platform, env, command) => {
  expect(openUrlCommand(platform, URL, env)).toEqual(command)
})

test.skipIf(os.platform() === 'win32').each([
  ['a program that succeeds', '#!/bin/sh\necho "$1" > "$0.saw"\n', true],
  ['a program that fails', '#!/bin/sh\nexit 3\n', false],
  ['no program', null, false],
])('%s makes opening a URL %s', async (_name, script, outcome) => {
  const bin = await mkdtemp(path.join(os.tmpdir(), 'portico-open-'))
  onTestFinished(() => rm(bin, { recursive: true, force: true }))
  const opener = path.join(bin, 'xdg-open')
  if (script !== null) {
    await writeFile(opener, script)
    await chmod(opener, 0o755)
  }
  vi.stubEnv('PATH', bin)
  vi.stubEnv('DISPLAY', ':0')
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await openUrl(URL, 'linux')).toBe(outcome)
  if (outcome)
    await until(async () => (await readFile(`${opener}.saw`, 'utf8')) === `${URL}\n`, 'the URL arrives whole')
})
