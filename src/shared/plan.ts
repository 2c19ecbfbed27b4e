import { z } from 'zod'

/**
 * What Portico would change on the machine, as data: shown before anything is done, and done as it was shown. Nothing
 * in a plan is ever read by a shell; programs get their arguments as they are.
 */

const elevated = z.boolean()
const why = z.string()
const invocation = z.object({ program: z.string(), args: z.array(z.string()) })

export const stepSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('command'),
    ...invocation.shape,
    stdin: z.string().optional(),
    elevated,
    why,
    /** what takes it back, when a later step fails */
    undo: invocation.optional(),
    /** it makes the system read what the files say, so it runs once more when those have been put back */
    refresh: z.boolean().optional(),
  }),
  /** the file is replaced as a whole; its folder is made when it is not there */
  z.object({
    kind: z.literal('write-file'),
    path: z.string(),
    content: z.string(),
    /** permission bits, as 0o644; Windows has none */
    mode: z.int().min(0).max(0o777),
    elevated,
    why,
  }),
  z.object({ kind: z.literal('remove-file'), path: z.string(), elevated, why }),
  z.object({
    kind: z.literal('make-directory'),
    path: z.string(),
    mode: z.int().min(0).max(0o777),
    elevated,
    why,
  }),
  /** what a person has to know, or to do by hand */
  z.object({ kind: z.literal('note'), text: z.string() }),
])

export const planSchema = z.object({
  title: z.string(),
  /** done in this order; those that are elevated follow one another, so that one approval is enough */
  steps: z.array(stepSchema),
  /** whether an administrator has to approve */
  elevated: z.boolean(),
})

export const stepOutcomeSchema = z.object({
  /** undone: it was done, then taken back because a later one failed; skipped: never begun */
  state: z.enum(['done', 'failed', 'undone', 'skipped']),
  /** what the program or the system said; empty when all went well */
  message: z.string(),
})

export const planOutcomeSchema = z.object({
  /** cancelled: the administrator's approval was refused; nothing is changed */
  state: z.enum(['done', 'failed', 'cancelled']),
  message: z.string(),
  /** one for each step of the plan */
  steps: z.array(stepOutcomeSchema),
})

export type Step = z.output<typeof stepSchema>
export type CommandStep = Extract<Step, { kind: 'command' }>
export type Plan = z.output<typeof planSchema>
export type StepOutcome = z.output<typeof stepOutcomeSchema>
export type PlanOutcome = z.output<typeof planOutcomeSchema>

/** A plan of these steps. @throws TypeError when elevated steps have others between them */
export function makePlan(title: string, steps: Step[]): Plan {
  const flags = steps.filter(({ kind }) => kind !== 'note').map(isElevated)
  const inOneRun = flags.lastIndexOf(true) - flags.indexOf(true) + 1 === flags.filter(Boolean).length
  if (flags.includes(true) && !inOneRun) throw new TypeError(`the elevated steps of "${title}" are not in one run`)
  return { title, steps, elevated: flags.includes(true) }
}

export function isElevated(step: Step): boolean {
  return step.kind !== 'note' && step.elevated
}
