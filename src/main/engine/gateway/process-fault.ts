import { Fault } from '../../../shared/fault.js'
import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { type FaultDetails, GatewayFault } from './gateway-fault.js'

/** As much of a process's output as an answer tells. */
const SHOWN_LINES = 10

/** The process of an app does not answer, and how it has ended. */
export class ProcessDown extends GatewayFault {
  readonly #details: FaultDetails

  constructor(status: number, message: string, hint: string, details: FaultDetails, cause: unknown) {
    super('process-failed', status, message, hint, [], { cause })
    this.#details = details
  }

  override get details(): FaultDetails {
    return this.#details
  }
}

/**
 * The answer for a request whose app will not be ready: 502 when its process has failed, 503 when it just does not run.
 *
 * @param thrown why it will not be ready
 * @param local who asks is on this machine, and may see what the process has printed
 */
export function processFault(app: string, thrown: unknown, status: ProcessStatus | null, local: boolean): GatewayFault {
  const { code, message, hint } = Fault.of(thrown)
  if (status === null) return new GatewayFault(code, 503, message, hint, [], { cause: thrown })
  const failed = status.state === 'failed' || status.state === 'backing-off'
  const exit = failed ? status.exit : null
  const again = status.state === 'backing-off' ? 'It is started again by itself in a moment. ' : ''
  return new ProcessDown(
    failed ? 502 : 503,
    message,
    `${again}Start it again in Portico, or with: portico app start ${app}`,
    {
      exit: exit === null ? null : { code: exit.code, signal: exit.signal },
      output: local ? (exit?.lastLines.slice(-SHOWN_LINES) ?? []) : [],
    },
    thrown,
  )
}
