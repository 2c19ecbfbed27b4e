import { Fault } from '../../../shared/fault.js'
import type { ShareStart, ShareStatus, ShareVia } from '../../../shared/share-schemas.js'
import { call } from '../../bridge.js'
import { useSharing } from '../../stores/share.js'
import { type ShareChoice, shareChoiceOf } from '../../stores/share-choices.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { isLive, lifetimeOf, liveShareOf } from './share-look.js'
import { unasked } from './share-ways.js'

/** Who visitors say they are when they are asked for a password. */
export const VISITOR = 'guest'

/** Shares an app: at once where there is nothing to choose, else by the dialog. One that is shared already is shown. */
export async function shareApp(app: string): Promise<void> {
  const { pending, setPending } = useSharing.getState()
  if (pending.has(app)) return
  setPending(app, true)
  await attempt(async () => {
    const [shares, ways] = await Promise.all([call('share.list', {}), call('share.ways', {})])
    const live = liveShareOf(shares, app)
    if (live !== null) return showShare(live.id)
    const choice = shareChoiceOf(app)
    const via = unasked(ways, choice)
    if (via === null) return useUi.getState().show({ kind: 'share', app, replaces: null })
    showShare((await startShare(app, via, choice, null)).id)
  })
  setPending(app, false)
}

/** Shares the app whose details are shown; where there are none, the dialog asks for one. */
export function shareSelected(): void {
  const { selectedApp, show } = useUi.getState()
  if (selectedApp === null) show({ kind: 'share', app: null, replaces: null })
  else void shareApp(selectedApp)
}

/**
 * Starts to share an app.
 *
 * @param password null to let everybody in
 * @throws Fault why it cannot be
 */
export async function startShare(
  app: string,
  via: ShareVia,
  { name, lifetimeMs }: Pick<ShareChoice, 'name' | 'lifetimeMs'>,
  password: string | null,
): Promise<ShareStatus> {
  const wish: ShareStart = {
    app,
    via,
    ...(via.kind === 'relay' && name !== '' ? { name } : {}),
    ...(lifetimeMs === null ? {} : { lifetimeMs }),
    ...(password === null ? {} : { login: { user: VISITOR, password } }),
  }
  const share = await call('share.start', wish)
  if (password !== null) useSharing.getState().keepPassword(share.id, password)
  return share
}

/** Ends a share; elsewhere than on its screen, which shows it, a message can bring it back. */
export function stopShare(share: ShareStatus): Promise<void> {
  return attempt(async () => {
    await call('share.stop', { id: share.id })
    if (useUi.getState().screen === 'share') return
    const action = { label: strings.share.again, run: () => void shareAgain(share) }
    useToasts.getState().show({ message: strings.share.stopped(share.app), tone: 'plain', action })
  })
}

/** Takes one that has ended from the list. */
export function dismissShare({ id }: ShareStatus): Promise<void> {
  return attempt(() => forget(id))
}

/** Shares an app as it was shared before. The password is asked for where this window does not know it. */
export function shareAgain(share: ShareStatus): Promise<void> {
  const { app, via, user, id } = share
  const password = useSharing.getState().passwords.get(id) ?? null
  if (user !== null && password === null) {
    useUi.getState().show({ kind: 'share', app, replaces: share })
    return Promise.resolve()
  }
  return attempt(async () => {
    const choice = { name: share.name ?? '', lifetimeMs: lifetimeOf(share) }
    const { id: next } = await startShare(app, via, choice, password)
    if (useUi.getState().screen === 'share') useSharing.getState().setFocus(next)
    await forget(id)
  })
}

/**
 * Puts a share in the place of another one, which may have ended.
 *
 * @throws Fault why it cannot be; the other one has ended then
 */
export async function replaceShare(before: ShareStatus, start: () => Promise<ShareStatus>): Promise<ShareStatus> {
  if (isLive(before)) await call('share.stop', { id: before.id })
  const share = await start()
  await forget(before.id)
  return share
}

/** Goes to a share. */
export function showShare(id: string | null): void {
  useSharing.getState().setFocus(id)
  useUi.getState().go('share')
}

/** An ended one that is gone already is as good. */
async function forget(id: string): Promise<void> {
  try {
    await call('share.stop', { id })
  } catch (error) {
    if (Fault.of(error).code !== 'not-found') throw error
  }
}
