import { text } from 'node:stream/consumers'
import { durationMs, durationSchema } from '../../../shared/duration.js'
import { Fault } from '../../../shared/fault.js'
import { hashScrypt } from '../../engine/gateway/policies/basic-auth/scrypt-hash.js'
import { requirePublishable } from '../../engine/share/relay-faults.js'
import { RelayShare, type RelayShareEvent } from '../../engine/share/relay-share.js'
import { trustedByAll } from '../../engine/share/saved-relay.js'
import { type SharedApp, sharedApp } from '../../engine/share/shared-app.js'
import type { Publication } from '../../engine/tunnel/agent/publications.js'
import { shownAddress } from '../../engine/tunnel/agent/relay-address.js'
import { plain } from '../escape.js'
import { withEngine } from '../locate.js'
import { note, print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { readHidden } from '../read-hidden.js'
import { StopSignals } from '../stop-signals.js'
import { formatConnected, formatWaiting } from './format-agent.js'
import { type AccessOptions, relayAccess } from './relay-access.js'

export interface ShareOptions extends CommonOptions, AccessOptions {
  to?: string
  name?: string
  expires?: string
  password?: boolean
  user?: string
}

/** Of the local gateway: a request after that finds it where it is now. */
const FRESH_MS = 1_000

/** `portico share`: an app of the running gateway under a name of a relay, until a signal ends it or its time is over. */
export async function share(name: string, options: ShareOptions): Promise<void> {
  const relay = options.to ?? process.env.PORTICO_RELAY
  if (relay === undefined) {
    const hint = 'Name it with --to wss://relay.example.com, or in PORTICO_RELAY.'
    throw new Fault('usage', 'There is no relay to share the app by.', hint)
  }
  const access = await relayAccess(relay, options, process.env)
  const locate = locator(name, options)
  await locate()
  const publication = await publicationOf(name, options)
  const signals = new StopSignals()
  try {
    const sharing = startSharing(access, publication, locate, await authorities(options))
    const ended = await Promise.race([sharing.over, signals.first.then(() => null)])
    sharing.close()
    if (ended !== null) throw ended
  } finally {
    signals.close()
  }
}

interface Sharing {
  /** resolves when it has ended by itself: with the reason, or with null when its time is over */
  over: Promise<Fault | null>
  close(): void
}

function startSharing(
  access: Awaited<ReturnType<typeof relayAccess>>,
  publication: Publication,
  locate: () => Promise<SharedApp>,
  authorities: readonly string[],
): Sharing {
  let url: string | null = null
  const over = Promise.withResolvers<Fault | null>()
  const onFailure = (reason: string) => note(plain(`A visitor could not be served: ${reason}`))
  const onEvent = (event: RelayShareEvent) => {
    if (event.type === 'connected') note(formatConnected(shownAddress(access.url), event))
    else if (event.type === 'waiting') note(formatWaiting(event))
    else if (event.type === 'withheld') {
      note(plain(`The relay does not give "${event.name}" back yet: ${event.reason} Asking again.`))
    } else if (event.type === 'failed') over.resolve(event.fault)
    else if (event.type === 'unpublished') {
      note(plain(`${url ?? publication.name} is no longer there: ${event.reason.replace(/\.$/, '')}.`))
      over.resolve(null)
    } else if (event.url !== url) {
      url = event.url
      print(plain(url))
      if (event.expires !== null) note(plain(`Until ${new Date(event.expires).toLocaleString()}.`))
    }
  }
  const share = new RelayShare({ access, publication, locate, ca: () => authorities, onFailure, onEvent })
  return { over: over.promise, close: () => share.close() }
}

async function publicationOf(app: string, options: ShareOptions): Promise<Publication> {
  const name = requirePublishable(options.name ?? app)
  const { expires } = options
  const lifetime = expires === undefined ? null : durationSchema.safeParse(expires)
  if (lifetime?.success === false || (expires !== undefined && lifetime?.success && durationMs(expires) < 1)) {
    throw new Fault('usage', `"${expires}" is no time to live.`, 'Write it as 30m, 8h or 2d.')
  }
  return {
    name,
    lifetimeMs: expires === undefined ? null : Math.ceil(durationMs(expires)),
    login: options.password === true ? await askLogin(options.user ?? 'guest') : null,
  }
}

/** The relay gets a hash: it need not know the password. */
async function askLogin(user: string): Promise<Publication['login']> {
  const { stdin, stderr } = process
  const password = stdin.isTTY ? await readHidden(stdin, stderr, 'Password for visitors: ') : await firstLine()
  if (password === '') throw new Fault('usage', 'The password is empty.', 'Give one with at least one character.')
  return { user, passwordHash: await hashScrypt(password.normalize('NFC')) }
}

async function firstLine(): Promise<string> {
  const [line = ''] = (await text(process.stdin)).split('\n')
  return line.replace(/\r$/, '')
}

/** Where the app is, asked for anew now and then: the gateway may have been started again, at other ports. */
function locator(name: string, options: CommonOptions): () => Promise<SharedApp> {
  let known: { place: SharedApp; until: number } | null = null
  return async () => {
    if (known !== null && performance.now() < known.until) return known.place
    const { apps, listeners } = await withEngine(options, (engine) => engine.call('status', {}))
    known = { place: sharedApp(name, apps, listeners), until: performance.now() + FRESH_MS }
    return known.place
  }
}

async function authorities(options: CommonOptions): Promise<string[]> {
  const { pem } = await withEngine(options, (engine) => engine.call('ca.info', {}))
  return [pem, ...trustedByAll()]
}
