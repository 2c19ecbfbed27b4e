import { strings } from '../../strings.js'

/** Why a backend is unhealthy, without the sentence that says that its app does not answer: that is known where this is shown. */
export function shortReason(app: string, reason: string): string {
  const known = `${strings.apps.problem.none(app)} `
  return reason.startsWith(known) ? reason.slice(known.length) : reason
}
