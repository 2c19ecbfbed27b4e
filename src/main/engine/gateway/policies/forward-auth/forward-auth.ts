import { randomBytes } from 'node:crypto'
import { optionalDurationMs } from '../../../../../shared/duration.js'
import type { ForwardAuthSettings } from '../../../../../shared/policies/auth-schemas.js'
import type { Exchange } from '../../exchange.js'
import { ClientGone, GatewayFault } from '../../gateway-fault.js'
import { isGrpcCall } from '../../grpc/grpc-request.js'
import { headerValues, isLoop, type RawHeaders } from '../../headers.js'
import type { SubRequests, SubResponse } from '../../sub-request.js'
import { CONTINUE, type Decision, refuse } from '../decision.js'
import type { Policy, PolicyScope } from '../policy.js'
import { withTrustedFields } from '../trusted-fields.js'
import { authDestination, authHeaders, copiedFields, passedAnswer } from './auth-request.js'

const TIMEOUT_MS = 5_000
/** Bytes of an answer that may go to the client. */
const MAX_BYTES = 1024 * 1024

/** Another service decides who may come: 2xx lets the request pass, anything else is the answer. */
export class ForwardAuthPolicy implements Policy {
  readonly #requests: SubRequests
  readonly #destination: ReturnType<typeof authDestination>
  readonly #copied: readonly string[]
  readonly #timeoutMs: number
  /** names its questions in Via, so that one that comes back is known */
  readonly #pseudonym = `portico-auth-${randomBytes(4).toString('hex')}`

  constructor(settings: ForwardAuthSettings, { services }: PolicyScope) {
    this.#requests = services.requests
    this.#destination = authDestination(settings)
    this.#copied = settings.copyHeaders ?? []
    this.#timeoutMs = optionalDurationMs(settings.timeout) ?? TIMEOUT_MS
  }

  decide(exchange: Exchange): Decision | Promise<Decision> {
    if (!isLoop(exchange.headers, this.#pseudonym)) return this.#ask(exchange)
    exchange.note('forwardAuth', 'loop')
    return refuse(
      new GatewayFault(
        'loop',
        508,
        'The service that decides who may come is itself behind that decision.',
        'Point "forwardAuth" in the config at a service that does not need it.',
      ),
    )
  }

  async #ask(exchange: Exchange): Promise<Decision> {
    let answer: SubResponse
    try {
      answer = await this.#send(exchange)
    } catch (error) {
      if (!(error instanceof GatewayFault)) throw error
      exchange.note('forwardAuth', 'unavailable')
      return refuse(error)
    }
    if (answer.status >= 200 && answer.status < 300) return this.#pass(exchange, answer.headers)
    exchange.note('forwardAuth', 'refused')
    if (answer.body.length > MAX_BYTES) return refuse(tooLong())
    if (isGrpcCall(exchange.method, exchange.headers)) return refuse(refusedCall(answer.status))
    return { kind: 'answer', status: answer.status, headers: passedAnswer(answer.headers), body: answer.body }
  }

  /** @throws ClientGone; GatewayFault */
  async #send(exchange: Exchange): Promise<SubResponse> {
    const given = new AbortController()
    exchange.onInterrupt(
      () => given.abort(new ClientGone()),
      (fault) => given.abort(fault),
    )
    return this.#requests.send({
      ...this.#destination,
      method: 'GET',
      headers: authHeaders(exchange, this.#pseudonym),
      timeoutMs: this.#timeoutMs,
      maxBytes: MAX_BYTES + 1,
      signal: given.signal,
    })
  }

  #pass(exchange: Exchange, answer: RawHeaders): Decision {
    const cookies = headerValues(answer, 'set-cookie')
    exchange.identified = true
    if (cookies.length > 0) {
      exchange.editAnswer((headers) => {
        const name = exchange.reply.lowerCaseNames ? 'set-cookie' : 'Set-Cookie'
        headers.push(...cookies.flatMap((cookie) => [name, cookie]))
      })
    }
    if (this.#copied.length > 0) {
      const fields = copiedFields(answer, this.#copied)
      exchange.editRequest((headers) => withTrustedFields(headers, fields))
    }
    return CONTINUE
  }
}

/** Callers of gRPC read no pages, and follow no redirect to where a person signs in. */
function refusedCall(status: number): GatewayFault {
  if (status >= 500)
    return new GatewayFault('upstream-failed', 502, `The service that decides who may come says ${status}.`)
  const known = status === 403
  return new GatewayFault(
    known ? 'forbidden' : 'unauthorized',
    known ? 403 : 401,
    `The service that decides who may come does not let this call pass: it says ${status}.`,
  )
}

function tooLong(): GatewayFault {
  return new GatewayFault('upstream-failed', 502, 'The service that decides who may come says no in more than 1 MiB.')
}
