import { Fault } from '../../shared/fault.js'
import { elevationWay } from '../platform/elevation/elevate.js'
import {
  applySettings,
  changesNothing,
  chooseSettings,
  planSetting,
  type Setting,
  type SettingAction,
  type SettingOutcome,
} from '../platform/plan/setting.js'
import type { Machine } from '../platform/trust-store/machine.js'
import { plain, plainJson } from './escape.js'
import { stepLines } from './format-trust.js'
import { print, styled } from './output.js'
import type { CommonOptions } from './program.js'
import { agreed } from './trust-commands.js'

export interface SettingOptions extends CommonOptions {
  via?: string
  dryRun?: boolean
  yes?: boolean
  json?: boolean
}

export interface SettingChange {
  action: SettingAction
  machine: Machine
  /** the settings of the machine, as they are now */
  find: () => Promise<Setting[]>
  options: SettingOptions
  /** what is said when there is nothing to do */
  nothing: string
  /** how to look again */
  statusCommand: string
}

/**
 * Shows what an action would do, asks, does it and says what came of it.
 *
 * @throws Fault when nothing fits, or not all was done
 */
export async function changeSettings(change: SettingChange): Promise<void> {
  const { action, machine, find, options, nothing, statusCommand } = change
  const json = options.json === true
  const chosen = chooseSettings(await find(), action, options.via)
  const plans = chosen.map((setting) => ({ id: setting.id, title: setting.title, plan: planSetting(action, setting) }))
  if (json && options.dryRun === true) return print(plainJson({ action, settings: plans }))
  if (!json) for (const { id, plan } of plans) for (const line of planLines(id, plan)) print(line)
  const idle = chosen.every((setting) => changesNothing(action, setting))
  if (idle) return print(json ? plainJson({ ok: true, settings: [] }) : nothing)
  const approval = plans.some(({ plan }) => plan.elevated)
  if (!json && approval && process.getuid?.() !== 0) print('An administrator has to approve, once.')
  if (options.dryRun === true) return
  if (options.yes !== true && !json && !(await agreed())) return print('Nothing is changed.')
  const way = approval ? await elevationWay(machine.platform, machine.env, machine.run, false) : null
  const outcomes = await applySettings({ action, chosen, find, way, run: machine.run })
  const ok = outcomes.every(({ outcome }) => outcome.state === 'done')
  if (json) print(plainJson({ ok, settings: outcomes }))
  else for (const line of outcomeLines(outcomes)) print(line)
  if (!ok) throw new Fault('not-supported', 'Not all was done.', `See how it stands: ${statusCommand}`)
}

/** A line for each setting: whether it is made, and why it does not fit where it does not. */
export function settingLines(settings: readonly Setting[]): string[] {
  const width = Math.max(0, ...settings.map(({ id }) => id.length))
  return settings.flatMap(({ id, title, state, unfit, detail }) => {
    const word = styled(state === 'on' ? 'green' : state === 'outdated' ? 'yellow' : 'dim', state.padEnd(8))
    const more = [detail, state === 'off' ? (unfit ?? '') : ''].filter((text) => text !== '')
    return [`${plain(id.padEnd(width))}  ${word}  ${plain(title)}`, ...more.map((text) => `  ${plain(text)}`)]
  })
}

/** A setting as programs read it: without its steps. */
export function listedSetting({ id, title, state, unfit, detail }: Setting) {
  return { id, title, state, unfit, detail }
}

function planLines(id: string, { title, steps }: ReturnType<typeof planSetting>): string[] {
  return [
    `${styled('bold', plain(title))} (${plain(id)})`,
    ...steps.flatMap((step) => stepLines(step).map((line) => `  ${line}`)),
  ]
}

function outcomeLines(outcomes: readonly SettingOutcome[]): string[] {
  return outcomes.flatMap(({ id, outcome: { state, message } }) => [
    `${plain(id)}  ${styled(state === 'done' ? 'green' : 'red', state)}`,
    ...(message === '' ? [] : [`  ${plain(message)}`]),
  ])
}
