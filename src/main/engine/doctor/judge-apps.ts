import type { DoctorCheck } from '../../../shared/doctor-schemas.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import type { BackendStatus, ProcessStatus } from '../../../shared/window-schemas.js'
import { fail, fixAtOnce, fixBy, pass, warn } from './check.js'

/** The processes of the apps, and the backends. */
export function judgeApps(
  processes: readonly ProcessStatus[],
  backends: readonly BackendStatus[],
  portico: string,
): DoctorCheck[] {
  const trouble = [
    ...processes.flatMap((one) => judgeProcess(one, portico)),
    ...backends.flatMap((one) => judgeBackend(one, portico)),
  ]
  return trouble.length > 0 ? trouble : [pass('app', 'No process has failed, and no backend is known to be unhealthy.')]
}

function judgeProcess({ app, state, reason, detached }: ProcessStatus, portico: string): DoctorCheck[] {
  const id = `app:${app}:process`
  const because = reason === null ? '' : `: ${reason}`
  const restart = { command: 'app.restart', params: { name: app } } as const
  if (state === 'failed' || state === 'backing-off') {
    const fix = fixAtOnce('Shows what it printed last.', `${portico} logs --app ${app} --output`, restart)
    if (state === 'failed') return [fail(id, `The process of ${app} has failed${because}`, fix)]
    return [warn(id, `The process of ${app} crashed and is started again${because}`, fix)]
  }
  return detached
    ? [
        warn(
          id,
          `The process of ${app} has ended and left something on its port.`,
          fixAtOnce('Starts it anew.', `${portico} app restart ${app}`, restart),
        ),
      ]
    : []
}

function judgeBackend({ app, route, url, health, reason, draining }: BackendStatus, portico: string): DoctorCheck[] {
  const id = `app:${app}:backend:${route}:${url}`
  if (health === 'unhealthy') {
    const fix = fixBy('Shows the backends; start what should listen there.', `${portico} backends`)
    return [fail(id, `${app} is not reached at ${url}: ${reason ?? 'it is unhealthy'}`, fix)]
  }
  if (!draining) return []
  return [
    warn(
      id,
      `${url} of ${app} gets no new requests.`,
      fixAtOnce('Sends requests to it again.', `${portico} backends resume ${app} ${shellQuote(url)}`, {
        command: 'backend.drain',
        params: { app, url, route, draining: false },
      }),
    ),
  ]
}
