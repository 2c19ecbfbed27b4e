import { Fault } from '../../../shared/fault.js'
import type { ShareTool, ShareVia } from '../../../shared/share-schemas.js'
import { hashScrypt } from '../../engine/gateway/policies/basic-auth/scrypt-hash.js'
import type { GatewayIdentity } from '../../engine/share/gateway-agent.js'
import { requirePublishable } from '../../engine/share/relay-faults.js'
import { RelayShare, type RelayShareEvent } from '../../engine/share/relay-share.js'
import { relayName } from '../../engine/share/saved-relay.js'
import { type SharedApp, sharedApp } from '../../engine/share/shared-app.js'
import type { Publication } from '../../engine/tunnel/agent/publications.js'
import { shownAddress } from '../../engine/tunnel/agent/relay-address.js'
import { plain } from '../escape.js'
import { withEngine } from '../locate.js'
import { note, print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { StopSignals } from '../stop-signals.js'
import { formatConnected, formatWaiting } from './format-agent.js'
import { type HeldOptions, heldShare } from './held-share.js'
import { lifetimeOf } from './lifetime.js'
import { type AccessOptions, relayAccess } from './relay-access.js'
import { visitorsLogin } from './visitors-login.js'

export interface ShareOptions extends HeldOptions, AccessOptions {
  to?: string
  via?: ShareTool
}

/** Of the local gateway: a request after that finds it where it is now. */
const FRESH_MS = 1_000

/**
 * `portico share`: an app of the running gateway at an address that others reach, until a signal ends it or its time is
 * over. The gateway holds it, unless a relay is named that it does not know.
 */
export async function share(app: string, options: ShareOptions): Promise<void> {
  const relay = options.to ?? process.env.PORTICO_RELAY
  if (options.via !== undefined) return heldShare(app, viaTool(options.via, options), options)
  if (relay === undefined) return heldShare(app, await savedRelay(options), options)
  if (!hasToken(options) && (await isSaved(relay, options))) {
    return heldShare(app, { kind: 'relay', url: relay }, options)
  }
  return shareHere(app, relay, options)
}

function viaTool(tool: ShareTool, options: ShareOptions): ShareVia {
  if (options.to !== undefined || namesAccess(options)) {
    const message = '--via is for tools, and --to, --token, --token-file, --agent, --ca for relays.'
    throw new Fault('usage', message, 'Leave one or the other out.')
  }
  return { kind: 'tool', tool }
}

/** The one that the gateway has saved. */
async function savedRelay(options: ShareOptions): Promise<ShareVia> {
  const urls = namesAccess(options) ? [] : await savedRelays(options)
  const [url] = urls
  if (url !== undefined && urls.length === 1) return { kind: 'relay', url }
  if (urls.length > 1) {
    throw new Fault('usage', 'Several relays are saved.', `Choose one with --to: ${urls.join(', ')}`)
  }
  const hint = 'Name it with --to wss://relay.example.com, or in PORTICO_RELAY; or name a tool, as --via cloudflared.'
  throw new Fault('usage', 'There is no relay to share the app by.', hint)
}

async function isSaved(relay: string, options: ShareOptions): Promise<boolean> {
  return (await savedRelays(options)).includes(relayName(relay))
}

async function savedRelays(options: ShareOptions): Promise<string[]> {
  const ways = await withEngine(options, (engine) => engine.call('share.ways', {}))
  return ways.flatMap((way) => (way.kind === 'relay' ? [way.url] : []))
}

function hasToken({ token, tokenFile }: ShareOptions): boolean {
  return token !== undefined || tokenFile !== undefined || process.env.PORTICO_TUNNEL_TOKEN !== undefined
}

function namesAccess({ token, tokenFile, agent, ca }: ShareOptions): boolean {
  return [token, tokenFile, agent, ca].some((one) => one !== undefined)
}

/** By an agent in this process, with a token that the gateway is not told. */
async function shareHere(name: string, relay: string, options: ShareOptions): Promise<void> {
  const access = await relayAccess(relay, options, process.env)
  const locate = locator(name, options)
  await locate()
  const publication = await publicationOf(name, options)
  const signals = new StopSignals()
  try {
    const sharing = startSharing(access, publication, locate, await gatewayIdentity(options))
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
  identity: GatewayIdentity,
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
  const share = new RelayShare({ access, publication, locate, ...identity, onFailure, onEvent })
  return { over: over.promise, close: () => share.close() }
}

/** The relay gets a hash: it need not know the password. */
async function publicationOf(app: string, options: ShareOptions): Promise<Publication> {
  const name = requirePublishable(options.name ?? app)
  const lifetimeMs = lifetimeOf(options.expires)
  const login = await visitorsLogin(options)
  const hashed =
    login === null ? null : { user: login.user, passwordHash: await hashScrypt(login.password.normalize('NFC')) }
  return { name, lifetimeMs, login: hashed }
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

async function gatewayIdentity(options: CommonOptions): Promise<GatewayIdentity> {
  const { pem } = await withEngine(options, (engine) => engine.call('ca.info', {}))
  return {
    ca: () => pem,
    isOwn: async (shown) => {
      const served = await withEngine(options, (engine) => engine.call('certificates.list', {}))
      return served.some(({ fingerprint }) => fingerprint === shown)
    },
  }
}
