import { durationMs } from '../../../../shared/duration.js'
import type { CorsSettings } from '../../../../shared/policies/browser-schemas.js'
import type { Exchange } from '../exchange.js'
import { addVary, removeField, setField } from '../field-edits.js'
import { GatewayFault } from '../gateway-fault.js'
import { headerValue, type RawHeaders } from '../headers.js'
import { CONTINUE, type Decision, refuse } from './decision.js'
import { type OriginTest, originTest } from './origin-test.js'
import type { Policy } from './policy.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']
const MAX_AGE = '10m'
/** What the backend says of these does not count beside the policy. */
const OWN_FIELDS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-allow-private-network',
  'access-control-expose-headers',
  'access-control-max-age',
]
const ORIGIN = ['Origin']
const PREFLIGHT_VARY = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'
const TOKENS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/

/** Answers preflights, and tells browsers which origins may read the answers (Fetch standard, CORS protocol). */
export function makeCors(settings: CorsSettings): Policy {
  const origins = originTest(settings.origins)
  return {
    decide: (exchange) => {
      // The Origin of a WebSocket handshake is the backend's to check (RFC 6455 section 10.2).
      if (exchange.protocol.endsWith('websocket')) return CONTINUE
      const origin = headerValue(exchange.headers, 'origin')
      const readable = origin !== undefined && origins.allows(origin)
      if (origin !== undefined && isPreflight(exchange)) {
        return readable ? allow(exchange, settings, origins, origin) : refusal(exchange, origin)
      }
      const told = readable ? origin : null
      exchange.editReply((headers) => tell(headers, settings, origins, told, exchange.reply.lowerCaseNames))
      return CONTINUE
    },
  }
}

function isPreflight({ method, headers }: Exchange): boolean {
  return method === 'OPTIONS' && headerValue(headers, 'access-control-request-method') !== undefined
}

function allow(exchange: Exchange, settings: CorsSettings, origins: OriginTest, origin: string): Decision {
  const { methods = METHODS, headers = ['*'], maxAge = MAX_AGE, privateNetwork = false } = settings
  const wanted = headerValue(exchange.headers, 'access-control-request-headers') ?? ''
  // "*" is no wildcard where cookies may be sent, nor for Authorization: those that are asked for are named instead.
  const named = headers.includes('*') ? (TOKENS.test(wanted) ? wanted : '') : headers.join(', ')
  const asked = headerValue(exchange.headers, 'access-control-request-private-network') === 'true'
  exchange.note('cors', 'preflight')
  return {
    kind: 'answer',
    status: 204,
    headers: [
      ...['Access-Control-Allow-Origin', origins.any ? '*' : origin],
      ...(settings.credentials === true ? ['Access-Control-Allow-Credentials', 'true'] : []),
      ...['Access-Control-Allow-Methods', methods.join(', ')],
      ...(named === '' ? [] : ['Access-Control-Allow-Headers', named]),
      ...['Access-Control-Max-Age', String(Math.floor(durationMs(maxAge) / 1_000))],
      ...(asked && privateNetwork ? ['Access-Control-Allow-Private-Network', 'true'] : []),
      ...['Vary', PREFLIGHT_VARY],
    ],
    body: '',
  }
}

function refusal(exchange: Exchange, origin: string): Decision {
  exchange.note('cors', 'refused')
  const hint =
    origin === 'null'
      ? 'Files, sandboxed frames and redirected requests all call themselves "null", so it is never allowed: serve the page from a host.'
      : `Add it to "origins" of the policy "cors" of the app, as it stands here, port included: ${origin.slice(0, 200)}`
  const message = `Pages of the origin ${origin.slice(0, 200)} may not use this.`
  return refuse(new GatewayFault('forbidden', 403, message, hint, ['Vary', PREFLIGHT_VARY]))
}

/** The fields of every answer. @param origin that may read it; null when there is none */
function tell(
  headers: RawHeaders,
  settings: CorsSettings,
  origins: OriginTest,
  origin: string | null,
  lowerCase: boolean,
): void {
  for (const name of OWN_FIELDS) removeField(headers, name)
  // Without "*" the answer is another for each origin, also for requests that name none.
  if (!origins.any) addVary(headers, ORIGIN, lowerCase)
  if (origin === null) return
  setField(headers, 'Access-Control-Allow-Origin', origins.any ? '*' : origin, lowerCase)
  if (settings.credentials === true) setField(headers, 'Access-Control-Allow-Credentials', 'true', lowerCase)
  const exposed = settings.exposeHeaders ?? []
  if (exposed.length > 0) setField(headers, 'Access-Control-Expose-Headers', exposed.join(', '), lowerCase)
}
