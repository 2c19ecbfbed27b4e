import { text } from 'node:stream/consumers'
import type { ReadStream } from 'node:tty'
import { Fault } from '../../shared/fault.js'
import { hashScrypt } from '../engine/gateway/policies/basic-auth/scrypt-hash.js'
import { print } from './output.js'
import { readHidden } from './read-hidden.js'

/**
 * `portico hash-password`: prints what the config keeps of a password. It is never an argument, which every program of
 * the machine could read.
 */
export async function hashPassword(): Promise<void> {
  const password = process.stdin.isTTY ? await askTwice(process.stdin) : await firstLine(process.stdin)
  if (password === '') throw new Fault('usage', 'The password is empty.', 'Give one with at least one character.')
  print(await hashScrypt(password.normalize('NFC')))
}

async function askTwice(terminal: ReadStream): Promise<string> {
  const password = await readHidden(terminal, process.stderr, 'Password: ')
  if (password === (await readHidden(terminal, process.stderr, 'Once more: '))) return password
  throw new Fault('usage', 'The two passwords differ.', 'Try again: portico hash-password')
}

/** Without its end of line; what follows is ignored. */
async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const [line = ''] = (await text(input as NodeJS.ReadStream)).split('\n')
  return line.replace(/\r$/, '')
}
