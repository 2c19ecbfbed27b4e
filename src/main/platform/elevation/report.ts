import type { Plan, StepOutcome } from '../../../shared/plan.js'

/** What a script said that it did. */
export interface ElevatedReport {
  /** false: nobody approved, so it never ran */
  begun: boolean
  /** by plan, then by step; undefined where nothing was said of it */
  outcomes: (StepOutcome | undefined)[][]
}

const LINE = /^portico\t(\d+)\t(\d+)\t(done|failed|undone)\t(.*)$/

/** Reads the report in what an elevated script wrote. Other lines, of programs and prompts, are passed over. */
export function readReport(output: string, plans: readonly Plan[]): ElevatedReport {
  const outcomes: (StepOutcome | undefined)[][] = plans.map(({ steps }) => steps.map(() => undefined))
  let begun = false
  for (const line of output.split(/\r\n|\r|\n/)) {
    if (line === 'portico\tbegin') begun = true
    const [, plan, step, state, message] = LINE.exec(line) ?? []
    const steps = outcomes[Number(plan)]
    if (steps === undefined || !(Number(step) in steps)) continue
    steps[Number(step)] = { state: state as StepOutcome['state'], message: (message ?? '').trim() }
  }
  return { begun, outcomes }
}
