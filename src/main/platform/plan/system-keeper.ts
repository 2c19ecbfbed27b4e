import { createHash } from 'node:crypto'
import type { Config } from '../../../shared/config.js'
import { Fault } from '../../../shared/fault.js'
import type { Step } from '../../../shared/plan.js'
import type {
  SystemGroup,
  SystemList,
  SystemOutcome,
  SystemPlan,
  SystemSetting,
  SystemWish,
} from '../../../shared/system-schemas.js'
import type { ElevationWay } from '../elevation/choose-elevation.js'
import { elevationWay } from '../elevation/elevate.js'
import { lowPortSettings } from '../privileged-ports/low-ports.js'
import { wantedPorts } from '../privileged-ports/wanted-ports.js'
import { type LookUp, systemLookUp } from '../resolver/names.js'
import { resolverSettings } from '../resolver/resolver.js'
import { resolverWish } from '../resolver/resolver-wish.js'
import type { Machine } from '../trust-store/machine.js'
import { applySettings, chooseSettings, planSetting, type Setting } from './setting.js'

export interface SystemKeeperOptions {
  /** how to get an administrator's rights; unless told, the way that suits a person at a window */
  way?: () => Promise<ElevationWay | null>
  /** how names are found; as the programs of this machine find them unless told */
  find?: LookUp
  /** absolute path of the program that listens; this process's unless told */
  program?: string
}

/** Looks after the settings of this machine by which it finds the hosts and lets a person serve low ports. */
export class SystemKeeper {
  readonly #machine: Machine
  readonly #options: SystemKeeperOptions
  /** changes are made one after the other */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(machine: Machine, options: SystemKeeperOptions = {}) {
    this.#machine = machine
    this.#options = options
  }

  /** How each setting is now. @param config that is served */
  async list(config: Config): Promise<SystemList> {
    const [names, ports] = await Promise.all([this.#look('names', config), this.#look('ports', config)])
    return { names: names.map(listed), ports: ports.map(listed) }
  }

  /**
   * What an action would do, without doing it.
   *
   * @throws Fault `not-found` when there is no such setting here, `not-supported` when none fits
   */
  async plan(wish: SystemWish, config: Config): Promise<SystemPlan> {
    return planOf(wish, await this.#choose(wish, config))
  }

  /**
   * Does what `plan` has told.
   *
   * @param id of the plan that was seen
   * @throws Fault as `plan`, and `conflict` when the same would now be another plan; nothing is done then
   */
  apply(wish: SystemWish, config: Config, id: string): Promise<SystemOutcome> {
    const change = this.#changes.then(() => this.#apply(wish, config, id))
    this.#changes = change.catch(() => undefined) // told to who asked
    return change
  }

  async #apply(wish: SystemWish, config: Config, id: string): Promise<SystemOutcome> {
    const { action, group } = wish
    const chosen = await this.#choose(wish, config)
    const plan = planOf(wish, chosen)
    if (plan.id !== id) {
      throw new Fault('conflict', 'This machine has changed since the plan was made.', 'Look at the new plan.')
    }
    const { platform, env, run } = this.#machine
    const ask = this.#options.way ?? (() => elevationWay(platform, env, run, true))
    const way = plan.elevated ? await ask() : null
    let after: Setting[] = []
    const find = async () => {
      after = await this.#look(group, config)
      return after
    }
    const outcomes = await applySettings({ action, chosen, find, way, run })
    const settings = outcomes.map((one) => ({
      ...one,
      state: after.find(({ id: now }) => now === one.id)?.state ?? ('off' as const),
    }))
    return { ok: outcomes.every(({ outcome }) => outcome.state === 'done'), settings }
  }

  async #choose({ group, action, setting }: SystemWish, config: Config): Promise<Setting[]> {
    const settings = await this.#look(group, config)
    if (settings.length > 0) return chooseSettings(settings, action, setting)
    throw new Fault('not-supported', 'This system lets everybody serve ports below 1024: there is nothing to set.')
  }

  async #look(group: SystemGroup, config: Config): Promise<Setting[]> {
    const { find = systemLookUp, program = process.execPath } = this.#options
    const machine = this.#machine
    const settings =
      group === 'ports'
        ? await lowPortSettings(machine, wantedPorts(config), program)
        : await resolverSettings(machine, await resolverWish(machine, config, find))
    return settings.map((setting) => ({
      ...setting,
      install: setting.install.map((step) => under(machine.root, step)),
      uninstall: setting.uninstall.map((step) => under(machine.root, step)),
    }))
  }
}

function planOf({ group, action }: SystemWish, chosen: readonly Setting[]): SystemPlan {
  const settings = chosen
    .map((setting) => ({ id: setting.id, title: setting.title, plan: planSetting(action, setting) }))
    .filter(({ plan }) => plan.steps.length > 0)
  const id = createHash('sha256').update(JSON.stringify({ group, action, settings })).digest('hex')
  return { id, group, action, elevated: settings.some(({ plan }) => plan.elevated), settings }
}

function listed(setting: Setting): SystemSetting {
  const { id, title, unfit, state, detail } = setting
  const { elevated } = planSetting(state === 'on' ? 'uninstall' : 'install', setting)
  return { id, title, unfit, state, detail, elevated }
}

/** Files are changed where they are looked at. */
function under(root: string, step: Step): Step {
  return 'path' in step ? { ...step, path: root + step.path } : step
}
