import { Fault } from '../../../shared/fault.js'
import { makePlan, type Plan, type PlanOutcome, type Step } from '../../../shared/plan.js'
import type { ElevationWay } from '../elevation/choose-elevation.js'
import { applyPlans } from './apply-plan.js'
import type { RunProgram } from './run-program.js'

export type SettingAction = 'install' | 'uninstall'

/** A setting of the system that Portico may make and take back, as it was when it was looked at. */
export interface Setting {
  id: string
  title: string
  /** why it can not be made, or would do no good here; null when it fits */
  unfit: string | null
  /** outdated: made by Portico, for what is wanted no more */
  state: 'on' | 'outdated' | 'off'
  /** for a person; empty when there is nothing to say */
  detail: string
  /** what makes it, or makes it anew; only notes when there is nothing to do */
  install: Step[]
  uninstall: Step[]
}

export interface SettingOutcome {
  id: string
  title: string
  outcome: PlanOutcome
}

/**
 * The settings that an action is about: the first that fits, or all that are made.
 *
 * @param named id of the one that is meant
 * @throws Fault `not-found` when there is none by that name, `not-supported` when none fits
 */
export function chooseSettings(settings: readonly Setting[], action: SettingAction, named?: string): Setting[] {
  const meant = settings.filter(({ id }) => named === undefined || id === named)
  if (meant.length === 0) {
    const known = settings.map(({ id }) => id).join(', ')
    throw new Fault('not-found', `There is no way "${named}" here.`, `Those of this machine: ${known}.`)
  }
  if (action === 'uninstall') return meant.filter(({ state }) => state !== 'off')
  const fit = meant.find(({ unfit }) => unfit === null)
  if (fit !== undefined) return [fit]
  throw new Fault('not-supported', meant.map(({ title, unfit }) => `${title}: ${unfit}`).join('\n'))
}

/** What an action does to a setting. */
export function planSetting(action: SettingAction, setting: Setting): Plan {
  return makePlan(setting.title, action === 'install' ? setting.install : setting.uninstall)
}

/** Whether all that an action has to say are notes. */
export function changesNothing(action: SettingAction, setting: Setting): boolean {
  return planSetting(action, setting).steps.every(({ kind }) => kind === 'note')
}

export interface SettingTask {
  action: SettingAction
  /** those that were chosen and shown */
  chosen: readonly Setting[]
  /** looks again */
  find: () => Promise<Setting[]>
  way: ElevationWay | null
  run: RunProgram
}

/** Carries out what was shown, and says it failed where the system does not have it so afterwards. Never rejects. */
export async function applySettings({ action, chosen, find, way, run }: SettingTask): Promise<SettingOutcome[]> {
  const plans = chosen.map((setting) => planSetting(action, setting))
  const outcomes = await applyPlans(plans, { way, run })
  const after = await find()
  return chosen.map(({ id, title }, index) => {
    const outcome = outcomes[index] as PlanOutcome
    const now = after.find((one) => one.id === id)
    const asWanted = now !== undefined && changesNothing(action, now)
    if (outcome.state !== 'done' || asWanted) return { id, title, outcome }
    const message = `Every step was done, and it is not as it should be all the same. ${now?.detail ?? ''}`.trim()
    return { id, title, outcome: { ...outcome, state: 'failed', message } }
  })
}
