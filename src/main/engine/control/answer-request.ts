import type { Logger } from 'pino'
import { COMMANDS, type CommandName, type Portal, type Problem } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import { encodeFrame, isCommandName, MAX_LINE_BYTES, type ServerFrame } from './protocol.js'

/** Carries out one request of a client, its parameters checked by the contract. Whatever happens, there is an answer. */
export async function answerRequest(
  { id, name, params }: { id: number; name: string; params?: unknown },
  { portal, log }: { portal: Portal; log: Logger },
): Promise<ServerFrame> {
  try {
    if (!isCommandName(name)) throw unknownCommand(name)
    return { id, result: await carryOut(portal, name, params ?? {}) }
  } catch (thrown) {
    const fault = Fault.of(thrown)
    if (fault.code === 'internal') log.error({ err: thrown, command: name }, 'a command failed')
    return { id, fault: fault.toJSON() }
  }
}

/** The line of an answer, or of the fault that says it is too long for one. */
export function encodeAnswer(frame: ServerFrame): string {
  const line = encodeFrame(frame)
  if (!('id' in frame) || Buffer.byteLength(line) <= MAX_LINE_BYTES) return line
  const fault = new Fault('protocol', 'The answer is too long for one message.', 'Ask for less at a time.')
  return encodeFrame({ id: frame.id, fault: fault.toJSON() })
}

async function carryOut(portal: Portal, name: CommandName, params: unknown): Promise<unknown> {
  const parsed = COMMANDS[name].params.safeParse(params)
  if (!parsed.success) throw badParams(name, problemsOf(parsed.error.issues))
  return portal.call(name, parsed.data as never)
}

function problemsOf(issues: readonly { path: PropertyKey[]; message: string }[]): Problem[] {
  return issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
}

function unknownCommand(name: string): Fault {
  return new Fault(
    'bad-request',
    `There is no command ${JSON.stringify(name.slice(0, 60))}.`,
    'Use the same version of Portico on both sides.',
  )
}

function badParams(name: CommandName, problems: Problem[]): Fault {
  const reasons = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  return new Fault('bad-request', `"${name}" was refused: ${reasons.join('; ')}.`, 'Correct it and try again.')
}
