import { durationMs } from '../../../../../shared/duration.js'
import type { RewriteSettings } from '../../../../../shared/policies/content-schemas.js'
import { cookieValue } from '../../cookie.js'
import type { Exchange } from '../../exchange.js'
import { GatewayFault } from '../../gateway-fault.js'
import { matchRoute } from '../../match-route.js'

type Split = NonNullable<RewriteSettings['split']>
type Variant = Split['variants'][number]

const COOKIE = 'portico-variant'
const MAX_AGE = '30d'

/** Sends each client to one of several variants, and keeps it there by a cookie. */
export function splitter(split: Split): (exchange: Exchange) => void {
  const { cookie = COOKIE, maxAge = MAX_AGE, variants } = split
  const attributes = `Path=/; Max-Age=${Math.floor(durationMs(maxAge) / 1_000)}; Secure; HttpOnly; SameSite=Lax`
  return (exchange) => {
    const wanted = cookieValue(exchange.headers, cookie)
    const known = variants.find(({ name, weight }) => name === wanted && weight > 0)
    const variant = known ?? drawVariant(variants, Math.random())
    exchange.note('rewrite', `variant ${variant.name}`)
    if (known === undefined) {
      const value = `${cookie}=${variant.name}; ${attributes}`
      exchange.editAnswer((headers) => {
        headers.push(exchange.reply.lowerCaseNames ? 'set-cookie' : 'Set-Cookie', value)
      })
    }
    if (variant.app !== undefined) divert(exchange, variant.app)
  }
}

/** @param random from 0 to below 1 */
export function drawVariant(variants: readonly Variant[], random: number): Variant {
  const total = variants.reduce((sum, { weight }) => sum + weight, 0)
  let left = random * total
  for (const variant of variants) {
    left -= variant.weight
    if (left < 0) return variant
  }
  return variants[0] as Variant
}

function divert(exchange: Exchange, name: string): void {
  const app = exchange.snapshot.table.apps.find((one) => one.name === name)
  const match = app?.enabled === true ? matchRoute(app, exchange.method, exchange.pathname) : { kind: 'none' as const }
  if (match.kind === 'route') {
    exchange.divert(match.route)
    return
  }
  throw new GatewayFault(
    'no-backend',
    503,
    `The variant is served by the app ${name}, which ${app === undefined ? 'does not exist' : 'has no route for this'}.`,
    'Look at "rewrite.split" among the policies of the app.',
  )
}
