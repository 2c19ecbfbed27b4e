import type { ShareStatus, ShareVia } from '../../../shared/share-schemas.js'
import { type ShareChoice, shareChoiceOf } from '../../stores/share-choices.js'
import { strings } from '../../strings.js'
import { isLive, lifetimeOf } from './share-look.js'
import { suggestPassword } from './suggest-password.js'

const text = strings.share.dialog

/** What the dialog holds while it is filled in. */
export interface ShareDraft {
  app: string
  /** null until one is chosen */
  via: ShareVia | null
  /** below the relay's domain; empty for that of the app */
  name: string
  /** milliseconds; null until a person ends it */
  lifetimeMs: number | null
  ask: boolean
  password: string
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How long an app can be shared, with the words for it. */
export const LIFETIMES: readonly (readonly [ms: number | null, words: string])[] = [
  [15 * MINUTE, text.lifetimes.quarter],
  [HOUR, text.lifetimes.hour],
  [8 * HOUR, text.lifetimes.day],
  [null, text.lifetimes.never],
]

/**
 * What the dialog begins with: how the app was shared last, or the share that is changed.
 *
 * @param app empty where it is to be chosen
 */
export function draftOf(app: string, replaces: ShareStatus | null): ShareDraft {
  const last = shareChoiceOf(app)
  const password = suggestPassword()
  if (replaces === null) return { app, ...last, ask: last.password, password }
  return {
    app,
    via: replaces.via,
    name: nameUnless(app, replaces.name ?? ''),
    lifetimeMs: nearest(lifetimeOf(replaces)),
    // Who changes an open one most likely wants to close it.
    ask: isLive(replaces) || replaces.user !== null,
    password,
  }
}

/** What is wrong with the name; null for nothing. */
export function nameProblem({ via, name }: Pick<ShareDraft, 'via' | 'name'>): string | null {
  if (via?.kind !== 'relay' || name === '') return null
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) ? null : text.badName
}

export function passwordProblem({ ask, password }: Pick<ShareDraft, 'ask' | 'password'>): string | null {
  return ask && password === '' ? text.noPassword : null
}

/** What is remembered of it. */
export function choiceOf({ via, name, lifetimeMs, ask }: ShareDraft): ShareChoice {
  return { via, name, lifetimeMs, password: ask }
}

function nameUnless(app: string, name: string): string {
  return name === app ? '' : name
}

/** The shortest of the offered ones that is no shorter; the longest of them rather than one without an end. */
function nearest(lifetimeMs: number | null): number | null {
  if (lifetimeMs === null) return null
  return LIFETIMES.find(([ms]) => ms !== null && ms >= lifetimeMs - MINUTE)?.[0] ?? 8 * HOUR
}
