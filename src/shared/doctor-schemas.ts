import { z } from 'zod'
import { systemWishSchema } from './system-schemas.js'
import { trustActionSchema } from './trust-schemas.js'

/** What carries a fix out, its plan shown first. */
export const doctorFixPlanSchema = z.discriminatedUnion('kind', [
  /** for `trust.plan` */
  z.object({ kind: z.literal('trust'), action: trustActionSchema, stores: z.array(z.string()) }),
  /** for `system.plan` */
  z.object({ kind: z.literal('system'), ...systemWishSchema.shape }),
  /** for `ca.rotate`, and then `trust.plan` with the action `replace` */
  z.object({ kind: z.literal('rotate'), addDomains: z.array(z.string()) }),
])

const named = z.object({ name: z.string() })

/** A command of the contract that is a fix by itself; nothing has to be shown before. */
export const doctorActionSchema = z.discriminatedUnion('command', [
  z.object({ command: z.literal('app.restart'), params: named }),
  z.object({ command: z.literal('certificates.renew'), params: named }),
  z.object({
    command: z.literal('backend.drain'),
    params: z.object({ app: z.string(), url: z.string(), route: z.string(), draining: z.boolean() }),
  }),
  z.object({ command: z.literal('gateway.resume'), params: z.object({}) }),
])

/** What is to be done about a finding. */
export const doctorFixSchema = z.object({
  /** for a shell; null where a person has to do something else */
  command: z.string().nullable(),
  /** null where nothing but the command, or a person, does it */
  plan: doctorFixPlanSchema.nullable(),
  /** null where a click alone does not do it */
  action: doctorActionSchema.nullable(),
  /** the same for a person, in a sentence */
  text: z.string(),
})

/** One thing that was looked at. */
export const doctorCheckSchema = z.object({
  /** its kind, and after colons what it is about: `client:curl`, `name:shop.localhost` */
  id: z.string(),
  status: z.enum(['pass', 'warn', 'fail']),
  message: z.string(),
  fix: doctorFixSchema.nullable(),
})

export const doctorReportSchema = z.object({
  /** ISO 8601, when it was begun */
  time: z.string(),
  checks: z.array(doctorCheckSchema),
})

/** A report in the making. */
export const doctorProgressSchema = doctorReportSchema.extend({
  /** topics that are being looked at or will be: checks have their id, or one that goes on with a colon after it */
  running: z.array(z.string()),
})

export type DoctorFixPlan = z.output<typeof doctorFixPlanSchema>
export type DoctorAction = z.output<typeof doctorActionSchema>
export type DoctorFix = z.output<typeof doctorFixSchema>
export type DoctorCheck = z.output<typeof doctorCheckSchema>
export type DoctorReport = z.output<typeof doctorReportSchema>
export type DoctorProgress = z.output<typeof doctorProgressSchema>
