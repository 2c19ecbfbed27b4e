import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loginEnvironment, readEnvironment } from '../../../src/main/platform/login-environment.js'

const posix = process.platform !== 'win32'
const MARK = '_portico_environment_'

describe.skipIf(!posix)('on this machine', () => {
  test('what a profile adds is there, and not what the shell has for itself', async () => {
    const shell = await fakeProfile('echo Welcome; export PATH="/opt/node/bin:$PATH" TOKEN="a=b\nc"')
    const found = await loginEnvironment('linux', { SHELL: shell, PATH: '/usr/bin:/bin', HOME: '/home/x' })
    expect(found).toMatchObject({ PATH: '/opt/node/bin:/usr/bin:/bin', TOKEN: 'a=b\nc', HOME: '/home/x' })
    expect(found).not.toHaveProperty('SHLVL')
    expect(found).not.toHaveProperty('DISABLE_AUTO_UPDATE')
  })

  test.each([
    ['cannot be started', '/nonexistent/shell'],
    ['fails', '/bin/false'],
  ])('a shell that %s changes nothing', async (_, shell) => {
    const env = { SHELL: shell, PATH: '/usr/bin' }
    expect(await loginEnvironment('linux', env)).toBe(env)
  })
})

test.each([
  ['win32', {}],
  ['darwin', { TERM: 'xterm', SHELL: '/bin/zsh' }],
] as const)('on %s with %o no shell is asked', async (platform, more) => {
  const env = { PATH: '/x', ...more }
  expect(await loginEnvironment(platform, env)).toBe(env)
})

test.each([
  [
    'NUL between the entries',
    `hello ${MARK}PATH=/a\0TEXT=one\ntwo=2\0_=/usr/bin/env\0${MARK}`,
    { PATH: '/a', TEXT: 'one\ntwo=2' },
  ],
  ['lines', `${MARK}PATH=/a\nTEXT=one\n two\nSHLVL=2\n${MARK}bye`, { PATH: '/a', TEXT: 'one\n two' }],
  ['no marks', 'PATH=/a', null],
  ['no PATH', `${MARK}A=b\0${MARK}`, null],
])('the output of env with %s is read', (_, output, expected) => {
  expect(readEnvironment(output)).toEqual(expected)
})

/** A shell whose profile does that. */
async function fakeProfile(script: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'portico-profile-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'shell')
  await writeFile(file, `#!/bin/sh\n${script}\nexec /bin/sh -c "$2"\n`)
  await chmod(file, 0o755)
  return file
}
