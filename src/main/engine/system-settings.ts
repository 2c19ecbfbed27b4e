import type { Config } from '../../shared/config.js'
import type { SystemList, SystemOutcome, SystemPlan, SystemWish } from '../../shared/system-schemas.js'

/** The settings of the machine by which it finds the hosts and permits low ports, as the engine asks for them. */
export interface SystemSettings {
  /** @param config that is served, here as below */
  list(config: Config): Promise<SystemList>
  /** @throws Fault `not-found` when there is no such setting here, `not-supported` when none fits */
  plan(wish: SystemWish, config: Config): Promise<SystemPlan>
  /** Does what the plan with this id has told. @throws Fault `conflict` when it would be another one by now */
  apply(wish: SystemWish, config: Config, id: string): Promise<SystemOutcome>
}
