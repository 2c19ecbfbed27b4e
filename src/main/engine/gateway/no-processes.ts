import { Fault } from '../../../shared/fault.js'
import type { AppProcesses } from './process-ports.js'

/** For a gateway that starts no processes. */
export const NO_PROCESSES: AppProcesses = {
  target: () => null,
  ready: (app) =>
    Promise.reject(
      new Fault(
        'not-supported',
        `${app} is to be started by Portico, which this version does not do yet.`,
        'Start the app yourself and give it a "port" or an "upstream" in the config.',
      ),
    ),
  status: () => null,
  enter: () => {},
  leave: () => {},
}
