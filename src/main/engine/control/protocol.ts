import type { Readable } from 'node:stream'
import { z } from 'zod'
import { COMMANDS, type CommandName, EVENTS, type EventName } from '../../../shared/contract.js'
import { FAULT_CODES, Fault, type FaultData } from '../../../shared/fault.js'

/**
 * The control socket's language: one JSON object per line, UTF-8, both ways. A client sends requests and says which
 * events it wants; the engine answers every request once, in order, and sends those events.
 */

/** No line, in either direction, is longer than this many bytes. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024

const eventNameSchema = z.enum(Object.keys(EVENTS) as [EventName, ...EventName[]])
const idSchema = z.int().min(0)

const faultSchema = z.object({ code: z.enum(FAULT_CODES), message: z.string(), hint: z.string().optional() })

const clientFrameSchema = z.union([
  z.strictObject({ id: idSchema, name: z.string(), params: z.unknown().optional() }),
  z.strictObject({ subscribe: eventNameSchema }),
  z.strictObject({ unsubscribe: eventNameSchema }),
])

const serverFrameSchema = z.union([
  z.strictObject({ id: idSchema.nullable(), fault: faultSchema }),
  z.strictObject({ event: eventNameSchema, payload: z.unknown() }),
  z.strictObject({ missed: eventNameSchema, count: z.int() }),
  z.strictObject({ id: idSchema, result: z.unknown() }),
])

/** What a client says. */
export type ClientFrame = z.output<typeof clientFrameSchema>

/**
 * What the engine says. `id` is null in a fault that answers no request, the last line before it hangs up; `missed`
 * tells a follower that read too slowly how many events it was not sent.
 */
export type ServerFrame =
  | { id: number; result: unknown }
  | { id: number | null; fault: FaultData }
  | { event: EventName; payload: unknown }
  | { missed: EventName; count: number }

/** The line, its line feed included, of a frame. */
export function encodeFrame(frame: ClientFrame | ServerFrame): string {
  return `${JSON.stringify(frame)}\n`
}

/** @throws Fault `protocol` when the line is not a frame that a client may send */
export function decodeClientFrame(line: string): ClientFrame {
  return decode(clientFrameSchema, line)
}

/** @throws Fault `protocol` when the line is not a frame that the engine may send */
export function decodeServerFrame(line: string): ServerFrame {
  const frame = decode(serverFrameSchema, line)
  if (!('fault' in frame)) return frame
  const { hint, ...fault } = frame.fault
  return { id: frame.id, fault: hint === undefined ? fault : { ...fault, hint } }
}

/** True for the name of a command; `__proto__` and its like are not. */
export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}

/**
 * The lines of a stream, without their line feeds; a last line that has none is left out, being cut off.
 *
 * @throws Fault `protocol` for a line of more than `maxBytes`
 */
export async function* readLines(stream: Readable, maxBytes = MAX_LINE_BYTES): AsyncGenerator<string> {
  let held: Buffer[] = []
  let heldBytes = 0
  // The stream outlives the loop: a last word may have to be written to it.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      if (heldBytes + end - start > maxBytes) throw lineTooLong(maxBytes)
      const line = Buffer.concat([...held, chunk.subarray(start, end)]).toString('utf8')
      held = []
      heldBytes = 0
      start = end + 1
      yield line
    }
    if (start === chunk.length) continue
    held.push(chunk.subarray(start))
    heldBytes += chunk.length - start
    if (heldBytes > maxBytes) throw lineTooLong(maxBytes)
  }
}

function decode<T extends z.ZodType>(schema: T, line: string): z.output<T> {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new Fault('protocol', 'A line on the control socket is not JSON.', 'Speak one JSON object per line.', {
      cause,
    })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Fault(
    'protocol',
    'A line on the control socket is not a message that is known here.',
    'Use the same version of Portico on both sides.',
  )
}

function lineTooLong(maxBytes: number): Fault {
  return new Fault(
    'protocol',
    `A line on the control socket is longer than ${maxBytes} bytes.`,
    'Ask for less at a time.',
  )
}
