import { text } from 'node:stream/consumers'
import { Fault } from '../../../shared/fault.js'
import { readHidden } from '../read-hidden.js'

export interface LoginOptions {
  password?: boolean
  user?: string
}

export interface VisitorsLogin {
  user: string
  password: string
}

/**
 * Whom to let in; the password is asked for, or read from standard input.
 *
 * @returns null when everybody is
 * @throws Fault `usage` for an empty one
 */
export async function visitorsLogin({ password: wanted, user = 'guest' }: LoginOptions): Promise<VisitorsLogin | null> {
  if (wanted !== true) return null
  const { stdin, stderr } = process
  const password = stdin.isTTY ? await readHidden(stdin, stderr, 'Password for visitors: ') : await firstLine()
  if (password === '') throw new Fault('usage', 'The password is empty.', 'Give one with at least one character.')
  return { user, password }
}

async function firstLine(): Promise<string> {
  const [line = ''] = (await text(process.stdin)).split('\n')
  return line.replace(/\r$/, '')
}
