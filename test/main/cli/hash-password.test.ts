import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { ReadStream } from 'node:tty'
import { expect, test } from 'vitest'
import { readHidden } from '../../../src/main/cli/read-hidden.js'
import { matchesScrypt, parseScrypt } from '../../../src/main/engine/gateway/policies/basic-auth/scrypt-hash.js'
import { CLI } from './portico.js'

async function runWithInput(input: string, ...words: string[]) {
  const child = spawn(process.execPath, [CLI, ...words], { stdio: 'pipe', env: { ...process.env, NO_COLOR: '1' } })
  child.stdin.on('error', () => undefined) // one that refuses at once reads nothing
  child.stdin.end(input)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, stdout, stderr }
}

test('a password from standard input becomes a hash that matches it', async () => {
  const { code, stdout, stderr } = await runWithInput('correct horse\nsecond line\n', 'hash-password')
  expect([code, stderr]).toEqual([0, ''])
  const hash = parseScrypt(stdout.trim())
  expect(hash && (await matchesScrypt('correct horse', hash))).toBe(true)
})

test('an empty password is refused, and so is one among the arguments', async () => {
  expect((await runWithInput('\n', 'hash-password')).code).toBe(2)
  const given = await runWithInput('', 'hash-password', 'secret')
  expect([given.code, given.stdout]).toEqual([2, ''])
})

test('a terminal shows nothing of what is typed, and corrections count', async () => {
  const terminal = Object.assign(new EventEmitter(), {
    raw: [] as boolean[],
    setRawMode: (on: boolean) => terminal.raw.push(on),
    setEncoding: () => undefined,
    resume: () => undefined,
    pause: () => undefined,
  })
  const screen = new PassThrough()
  const ask = () => readHidden(terminal as unknown as ReadStream, screen, 'Password: ')
  const first = ask()
  terminal.emit('data', 'wrong\u0015secrets')
  terminal.emit('data', '\u007f\r')
  expect(await first).toBe('secret')
  const second = ask()
  terminal.emit('data', 'abc\u0003')
  await expect(second).rejects.toThrow('Nothing was done')
  expect([terminal.raw, screen.read().toString()]).toEqual([[true, false, true, false], 'Password: \nPassword: \n'])
})
