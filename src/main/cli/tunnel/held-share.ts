import { Fault } from '../../../shared/fault.js'
import type { ShareStart, ShareStatus, ShareVia } from '../../../shared/share-schemas.js'
import type { ControlClient } from '../../engine/control/control-client.js'
import { STOPPED, TIME_IS_OVER } from '../../engine/share/share.js'
import { plain } from '../escape.js'
import { withEngine } from '../locate.js'
import { note, print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { StopSignals } from '../stop-signals.js'
import { lifetimeOf } from './lifetime.js'
import { type LoginOptions, visitorsLogin } from './visitors-login.js'

export interface HeldOptions extends CommonOptions, LoginOptions {
  name?: string
  expires?: string
}

/** Has the gateway show an app, and stays until a signal ends it or it ends by itself. */
export async function heldShare(app: string, via: ShareVia, options: HeldOptions): Promise<void> {
  const lifetimeMs = lifetimeOf(options.expires)
  const login = await visitorsLogin(options)
  const wish: ShareStart = {
    app,
    via,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(lifetimeMs === null ? {} : { lifetimeMs }),
    ...(login === null ? {} : { login }),
  }
  const signals = new StopSignals()
  try {
    await withEngine(
      options,
      (engine) => follow(engine, wish, signals.first),
      () => undefined,
    )
  } finally {
    signals.close()
  }
}

async function follow(engine: ControlClient, wish: ShareStart, unwanted: Promise<unknown>): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<ShareStatus>()
  const tell = teller()
  let id: string | null = null
  const look = (shares: readonly ShareStatus[]) => {
    const share = shares.find((one) => one.id === id)
    if (share === undefined) return
    if (share.state === 'ended') resolve(share)
    else tell(share)
  }
  engine.on('shares', look)
  id = (await engine.call('share.start', wish)).id
  look(await engine.call('share.list', {}))
  const gone = engine.closed.then(() => 'gone' as const)
  const outcome = await Promise.race([ended, gone, unwanted.then(() => null)])
  if (outcome === 'gone') throw new Fault('not-running', 'Portico has stopped.', 'Start it with: portico serve')
  if (outcome === null) await engine.call('share.stop', { id })
  else tellEnd(outcome)
}

/** The address on standard output once, what keeps visitors from it on standard error. */
function teller(): (share: ShareStatus) => void {
  let [toldUrl, toldReason] = ['', '']
  return ({ state, url, reason, expiresAt }) => {
    const why = reason === null ? '' : [reason.message, reason.hint].filter((one) => one !== undefined).join(' ')
    if (state === 'open' && url !== null && url !== toldUrl) {
      toldUrl = url
      print(plain(url))
      if (expiresAt !== null) note(`Until ${new Date(expiresAt).toLocaleString()}.`)
    } else if (state === 'open' && toldReason !== '') note('It is open again.')
    else if (state === 'waiting' && why !== toldReason) note(plain(why))
    toldReason = state === 'waiting' ? why : ''
  }
}

/** @throws Fault when it has not ended as it was to */
function tellEnd({ app, url, reason }: ShareStatus): void {
  const { message, hint } = reason ?? STOPPED
  if (message !== STOPPED.message && message !== TIME_IS_OVER.message) throw new Fault('conflict', message, hint)
  note(plain(`${url ?? app} is no longer there: ${message}`))
}
