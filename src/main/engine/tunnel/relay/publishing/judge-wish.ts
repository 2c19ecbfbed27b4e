import { z } from 'zod'
import { Fault } from '../../../../../shared/fault.js'
import { type AgentMessage, publishedNameSchema } from '../../control-messages.js'

const askedSchema = z.object({ type: z.literal('publish'), name: z.string().max(255) })

/** What to answer to a message that is not as it should be; null when it asks for no name, as one of a later version. */
export function refusalOfInvalid(message: unknown): { name: string; reason: string } | null {
  const asked = askedSchema.safeParse(message)
  if (!asked.success) return null
  const { name } = asked.data
  const valid = publishedNameSchema.safeParse(name).success
  return { name, reason: valid ? 'What is asked for is not valid.' : 'It cannot be a name.' }
}

/** @throws Fault `bad-request` */
export function assertBearable(login: Extract<AgentMessage, { type: 'publish' }>['login']): void {
  if (login === null || isBearable(login.passwordHash)) return
  throw new Fault('bad-request', 'The hash of the password is none that this relay checks.')
}

/**
 * Whether a password may be checked as often as visitors like: no more than `portico hash-password` asks for, 32 MiB and
 * a fifth of a second.
 */
function isBearable(passwordHash: string): boolean {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=([1-8]),p=[1-3]\$/.exec(passwordHash)
  return match !== null && Number(match[1]) <= 15
}
