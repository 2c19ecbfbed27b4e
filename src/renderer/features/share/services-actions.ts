import type { TunnelStatus } from '../../../shared/tunnel-schemas.js'
import { call } from '../../bridge.js'
import { useSharing } from '../../stores/share.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { relayHost } from './services-look.js'

const text = strings.services

/** What the card of a relay's services is known by among those that may get the focus. */
export function focusOf(relay: string): string {
  return `services ${relay}`
}

/** Goes to the services of a relay. */
export function showServices(relay: string): void {
  useSharing.getState().setFocus(focusOf(relay))
  useUi.getState().go('share')
}

/** Asks what users of a relay may reach. */
export function askServices(relay: string): void {
  useUi.getState().show({ kind: 'services', relay })
}

/** Lets users of a relay reach one target more than they may by now. */
export function allowTarget(relay: string, target: string): Promise<void> {
  return attempt(async () => {
    const allow = (await call('tunnel.list', {})).find((one) => one.relay === relay)?.allow ?? []
    await call('tunnel.open', { relay, allow: [...allow, target] })
  })
}

/** Ends it, with every user's connection; a message can bring it back. */
export function disconnectServices({ relay, allow, state }: TunnelStatus): Promise<void> {
  return attempt(async () => {
    await call('tunnel.close', { relay })
    if (state === 'ended') return
    const run = () => void attempt(async () => void (await call('tunnel.open', { relay, allow })))
    const action = { label: text.connectAgain, run }
    useToasts.getState().show({ message: text.disconnected(relayHost(relay)), tone: 'plain', action })
  })
}
