import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import { fail, fixAtOnce, fixBy, pass, warn } from './check.js'
import type { GatewayView } from './gateway-view.js'

/** Whether a gateway runs and listens. */
export function judgeGateway({ status }: Pick<GatewayView, 'status'>, portico: string): DoctorCheck[] {
  const id = 'gateway'
  if (status === null) {
    return [
      fail(
        id,
        'Portico is not running.',
        fixBy('Runs it in this terminal; or open the desktop app.', `${portico} serve`),
      ),
    ]
  }
  if (status.state === 'paused') {
    const resume = fixAtOnce('Turns it on.', `${portico} resume`, { command: 'gateway.resume', params: {} })
    return [fail(id, 'Portico is turned off and listens nowhere.', resume)]
  }
  if (status.state !== 'running') return [warn(id, `Portico is ${status.state}.`)]
  if (status.listeners.length === 0)
    return [fail(id, 'Portico listens nowhere.', fixBy('See why.', `${portico} status`))]
  return [pass(id, `Portico ${status.version} runs (PID ${status.pid}).`)]
}

/** The config file, and what the gateway warns of. */
export function judgeConfig(view: GatewayView, portico: string): DoctorCheck[] {
  const { configFile, configProblems, status } = view
  const problems = configProblems.map(({ path, message }, index) =>
    fail(
      `config:problem-${index + 1}`,
      `${configFile}: ${path === '' ? '' : `${path}: `}${message}`,
      fixBy(
        'Correct the file; what was good before goes on serving.',
        `${portico} config check ${shellQuote(configFile)}`,
      ),
    ),
  )
  const warnings = (status?.warnings ?? [])
    .filter(({ path }) => !path.startsWith('listen')) // told of with its port
    .map(({ path, message }, index) =>
      warn(`config:warning-${index + 1}`, `${path === '' ? '' : `${path}: `}${message}`),
    )
  const found = [...problems, ...warnings]
  return found.length > 0 ? found : [pass('config', `${configFile} is in order.`)]
}

/** @param version of Node @param refusal why Portico does not run on it; null when it does */
export function judgeNode(version: string, refusal: string | null): DoctorCheck[] {
  return [
    refusal === null
      ? pass('node', `Node ${version} is recent enough.`)
      : fail('node', refusal, fixBy('Install one from https://nodejs.org.')),
  ]
}
