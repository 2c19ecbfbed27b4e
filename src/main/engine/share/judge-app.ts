import type { Listener } from '../../../shared/contract.js'
import { Fault } from '../../../shared/fault.js'
import type { Obstacle } from './share.js'
import { type NamedApp, sharedApp } from './shared-app.js'

/**
 * What keeps visitors from an app that is shown, as things are now: for good when there is no such app any more, until it
 * has passed when it is disabled or the gateway is off.
 */
export function judgeApp(app: string, apps: readonly NamedApp[], listeners: readonly Listener[]): Obstacle | null {
  try {
    sharedApp(app, apps, listeners)
    return null
  } catch (thrown) {
    const { code, message, hint } = Fault.of(thrown)
    if (code === 'not-found') return { final: true, message: `The app "${app}" was removed, or has another name now.` }
    return { final: false, message, ...(hint === undefined ? {} : { hint }) }
  }
}
