import { z } from 'zod'
import { FAULT_CODES } from './fault.js'

/** One call of the contract, between the shell and the engine's process. */
export const engineCallSchema = z.strictObject({ id: z.int(), name: z.string(), params: z.unknown() })

/** Its answer: a result of that command, or a fault. */
export const engineReplySchema = z.strictObject({
  id: z.int(),
  result: z.unknown().optional(),
  fault: z.object({ code: z.enum(FAULT_CODES), message: z.string(), hint: z.string().optional() }).optional(),
})

export type EngineReply = z.output<typeof engineReplySchema>
