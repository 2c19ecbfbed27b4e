import type { ForwardAuthSettings } from '../../../../../shared/policies/auth-schemas.js'
import type { Exchange } from '../../exchange.js'
import { forwardedRequestHeaders, HOP_BY_HOP, headerValues, type RawHeaders } from '../../headers.js'
import type { SubRequest } from '../../sub-request.js'
import { hopOf } from '../../upstream-request.js'
import { withoutOwnCookies } from '../oidc/own-cookies.js'
import { type TrustedField, withTrustedFields } from '../trusted-fields.js'

/** Where the question goes. */
export function authDestination({ app, url, path = '/' }: ForwardAuthSettings): Pick<SubRequest, 'to' | 'target'> {
  if (app !== undefined) return { to: { app }, target: path }
  const { origin, pathname, search } = new URL(url ?? '')
  return { to: { origin }, target: pathname + search }
}

/**
 * The fields of the question: those of the request, and what it is about. Nothing of its body, and no condition on an
 * answer that is not the one the client has.
 *
 * @param pseudonym tells the question in Via when it comes back
 */
export function authHeaders(exchange: Exchange, pseudonym: string): RawHeaders {
  const forwarded = forwardedRequestHeaders(exchange.headers, hopOf(exchange, pseudonym), null)
  return withTrustedFields(withoutOwnCookies(forwarded), [
    ...LEFT_OUT,
    { name: 'X-Forwarded-Method', value: exchange.method },
    { name: 'X-Forwarded-Uri', value: exchange.target },
  ])
}

/** Fields of the answer that go to the backend in place of the client's own. */
export function copiedFields(answer: RawHeaders, names: readonly string[]): TrustedField[] {
  return names.map((name) => {
    const values = headerValues(answer, name.toLowerCase())
    return { name, value: values.length === 0 ? null : values.join(', ') }
  })
}

/** The answer as the client may get it: framing is made anew. */
export function passedAnswer(answer: RawHeaders): RawHeaders {
  const out: RawHeaders = []
  for (let i = 0; i < answer.length; i += 2) {
    const lower = (answer[i] as string).toLowerCase()
    if (!HOP_BY_HOP.has(lower) && lower !== 'content-length') out.push(answer[i] as string, answer[i + 1] as string)
  }
  return out
}

const LEFT_OUT: readonly TrustedField[] = [
  'Content-Length',
  'If-Match',
  'If-None-Match',
  'If-Modified-Since',
  'If-Unmodified-Since',
  'If-Range',
  'Range',
].map((name) => ({ name, value: null }))
