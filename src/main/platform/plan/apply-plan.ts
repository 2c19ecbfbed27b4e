import { isElevated, type Plan, type PlanOutcome, type StepOutcome } from '../../../shared/plan.js'
import type { ElevationWay } from '../elevation/choose-elevation.js'
import { type Elevated, runElevated } from '../elevation/elevate.js'
import type { RunProgram } from './run-program.js'
import { runSteps, type StepsRun } from './run-steps.js'

export interface ApplyOptions {
  /** how to get an administrator's rights; null when nobody can be asked */
  way: ElevationWay | null
  run: RunProgram
}

/**
 * Carries out plans. Each is done as a whole or not at all; one that fails leaves the others alone. All that need an
 * administrator share one approval, which is asked for first: when it is refused, nothing is done, in any plan.
 * Never rejects. That a plan was done does not say that the state is the wanted one; who made the plan looks again.
 *
 * @returns the outcome of each plan, in their order
 */
export async function applyPlans(plans: readonly Plan[], { way, run }: ApplyOptions): Promise<PlanOutcome[]> {
  if (way === 'already' || plans.every(({ elevated }) => !elevated)) return inTurn(plans, run)
  if (way === null) return plans.map((plan) => cancelled(plan, NOBODY_TO_ASK))
  const before = await Promise.all(plans.map((plan) => (plan.elevated ? runSteps(stepsBefore(plan), run) : null)))
  const ready = plans.map((plan, index) => (before[index]?.failed === true ? withoutElevation(plan) : plan))
  const elevated = await runElevated(way, ready, run)
  if (!elevated.begun) {
    for (const steps of before) await steps?.undo()
    return plans.map((plan) => cancelled(plan, elevated.message))
  }
  const outcomes: PlanOutcome[] = []
  for (const [index, plan] of plans.entries()) {
    const first = before[index] ?? null
    outcomes.push(first === null ? await alone(plan, run) : await finish({ plan, index, first, elevated, run }))
  }
  return outcomes
}

const NOBODY_TO_ASK =
  'An administrator has to approve, and there is nobody to ask here: run the command in a terminal, or as root.'

async function inTurn(plans: readonly Plan[], run: RunProgram): Promise<PlanOutcome[]> {
  const outcomes: PlanOutcome[] = []
  for (const plan of plans) outcomes.push(await alone(plan, run))
  return outcomes
}

/** With the rights of this process. */
async function alone({ steps }: Plan, run: RunProgram): Promise<PlanOutcome> {
  return outcomeOf((await runSteps(steps, run)).outcomes)
}

interface Middle {
  plan: Plan
  index: number
  first: StepsRun
  elevated: Elevated
  run: RunProgram
}

/** What is left of a plan after its elevated steps. Those cannot be taken back for it without a second approval. */
async function finish({ plan, index, first, elevated, run }: Middle): Promise<PlanOutcome> {
  const { begin, end } = elevatedRange(plan)
  const skipped = (count: number) => Array.from({ length: count }, () => SKIPPED)
  if (first.failed) return outcomeOf([...first.outcomes, ...skipped(plan.steps.length - begin)])
  const middle = plan.steps.slice(begin, end).map((step, offset): StepOutcome => {
    if (step.kind === 'note') return { state: 'done', message: '' }
    return elevated.outcomes[index]?.[begin + offset] ?? SKIPPED
  })
  const missing = middle.some(({ state }) => state !== 'done')
  if (missing) {
    await first.undo()
    const outcome = outcomeOf([...first.outcomes, ...middle, ...skipped(plan.steps.length - end)])
    return { ...outcome, state: 'failed', message: outcome.message || elevated.message }
  }
  const last = await runSteps(plan.steps.slice(end), run)
  return outcomeOf([...first.outcomes, ...middle, ...last.outcomes])
}

const SKIPPED: StepOutcome = { state: 'skipped', message: '' }

function outcomeOf(steps: StepOutcome[]): PlanOutcome {
  const failure = steps.find(({ state }) => state === 'failed')
  return { state: failure === undefined ? 'done' : 'failed', message: failure?.message ?? '', steps }
}

function cancelled(plan: Plan, reason: string): PlanOutcome {
  return { state: 'cancelled', message: reason, steps: plan.steps.map(() => SKIPPED) }
}

function stepsBefore(plan: Plan) {
  return plan.steps.slice(0, elevatedRange(plan).begin)
}

function withoutElevation(plan: Plan): Plan {
  return { ...plan, steps: plan.steps.filter((step) => !isElevated(step)), elevated: false }
}

/** From the first elevated step to behind the last. */
function elevatedRange({ steps }: Plan): { begin: number; end: number } {
  return { begin: steps.findIndex(isElevated), end: steps.findLastIndex(isElevated) + 1 }
}
