import { z } from 'zod'
import { cidrSchema } from '../field-schemas.js'

/** Who may come, by address. A client in both lists is refused. */
export const accessSchema = z
  .strictObject({ allow: z.array(cidrSchema).optional(), deny: z.array(cidrSchema).optional() })
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, 'must have "allow", "deny" or both')

export type AccessSettings = z.output<typeof accessSchema>
