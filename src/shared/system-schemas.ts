import { z } from 'zod'
import { planOutcomeSchema, planSchema } from './plan.js'

/** What a setting of the system is for: that programs find the hosts, or that low ports may be served. */
export const systemGroupSchema = z.enum(['names', 'ports'])
export const systemActionSchema = z.enum(['install', 'uninstall'])

/** A setting of this machine that Portico can make and take back. */
export const systemSettingSchema = z.object({
  /** as `hosts`, `systemd-resolved`, `sysctl` */
  id: z.string(),
  title: z.string(),
  /** why it cannot be made, or would do no good here; null when it fits */
  unfit: z.string().nullable(),
  /** outdated: made by Portico, for what is wanted no more */
  state: z.enum(['on', 'outdated', 'off']),
  /** for a person; empty when there is nothing to say */
  detail: z.string(),
  /** whether an administrator has to approve that it is made, or taken back where it is made */
  elevated: z.boolean(),
})

/** The settings of this machine, in each group the best first; none where nothing has to be set. */
export const systemListSchema = z.object({
  names: z.array(systemSettingSchema),
  ports: z.array(systemSettingSchema),
})

/** Without a `setting`, by its id, the best that fits is made, or all that are made are taken back. */
export const systemWishSchema = z.strictObject({
  group: systemGroupSchema,
  action: systemActionSchema,
  setting: z.string().optional(),
})

export const systemPlanSchema = z.object({
  /** names exactly this plan; what is applied is what was seen */
  id: z.string(),
  group: systemGroupSchema,
  action: systemActionSchema,
  /** whether an administrator has to approve */
  elevated: z.boolean(),
  settings: z.array(z.object({ id: z.string(), title: z.string(), plan: planSchema })),
})

export const systemOutcomeSchema = z.object({
  /** false when a setting is not as it was wanted */
  ok: z.boolean(),
  settings: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      outcome: planOutcomeSchema,
      /** as the machine has it afterwards */
      state: systemSettingSchema.shape.state,
    }),
  ),
})

export type SystemGroup = z.output<typeof systemGroupSchema>
export type SystemAction = z.output<typeof systemActionSchema>
export type SystemSetting = z.output<typeof systemSettingSchema>
export type SystemList = z.output<typeof systemListSchema>
export type SystemWish = z.output<typeof systemWishSchema>
export type SystemPlan = z.output<typeof systemPlanSchema>
export type SystemOutcome = z.output<typeof systemOutcomeSchema>
