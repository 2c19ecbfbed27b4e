import { Fault } from '../../../../shared/fault.js'
import { LINK_CLOSE } from '../tunnel-link.js'

/** Why there is no connection to a relay, or no longer one. */
export interface Ending {
  /** one clause, without a full stop */
  reason: string
  /** why it is of no use to try again; null when it is */
  final: Fault | null
  /** the relay asks not to be asked again before; milliseconds */
  retryAfterMs: number
}

export function passing(reason: string, retryAfterMs = 0): Ending {
  return { reason, final: null, retryAfterMs }
}

/**
 * What a refused upgrade means.
 *
 * @param told the relay's own words; null without
 * @param welcomedBefore this address has once been a relay: what else answers there now may pass
 */
export function refusedUpgrade(
  status: number,
  told: string | null,
  retryAfter: string | undefined,
  welcomedBefore: boolean,
): Ending {
  const reason = told === null ? `the relay answered ${status}` : `the relay answered ${status}: ${told}`
  const final = (fault: Fault): Ending => ({ reason, final: fault, retryAfterMs: 0 })
  const words = told === null ? '' : ` (${told})`
  if (status === 401) {
    const hint = 'Have a new one made: portico relay token create --agent ID'
    return final(new Fault('unauthorized', `The relay does not accept the token${words}.`, hint))
  }
  if (status === 403) {
    const hint = 'Give the id that the token was made for: --agent ID'
    return final(new Fault('forbidden', `The token is not for this agent${words}.`, hint))
  }
  if (status === 400) {
    const hint = 'Bring Portico to the same version on both sides.'
    return final(new Fault('protocol', `The relay does not speak this agent's protocol${words}.`, hint))
  }
  const elsewhere = status < 500 && status !== 408 && status !== 425 && status !== 429
  if (elsewhere && !welcomedBefore) {
    const hint = 'Check the address, and the port, that "portico relay serve" has printed.'
    return final(new Fault('not-found', `There is no relay at this address: it answered ${status}.`, hint))
  }
  return passing(reason, retryAfterMs(retryAfter))
}

/**
 * What it means that a proxy does not connect to the relay.
 *
 * @param status of its answer to CONNECT; 0 without one
 */
export function refusedByProxy(status: number, welcomedBefore: boolean): Ending {
  const reason =
    status === 0 ? 'the proxy of HTTPS_PROXY does not answer' : `the proxy of HTTPS_PROXY answered ${status}`
  if (welcomedBefore || status < 400 || status >= 500 || status === 408 || status === 429) return passing(reason)
  const fault =
    status === 407
      ? new Fault('unauthorized', 'The proxy of HTTPS_PROXY asks for a user and a password.', CREDENTIALS_HINT)
      : new Fault(
          'forbidden',
          `The proxy of HTTPS_PROXY does not connect to the relay: it answered ${status}.`,
          NO_PROXY_HINT,
        )
  return { reason, final: fault, retryAfterMs: 0 }
}

const CREDENTIALS_HINT =
  'Write them into it: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT. What is special in them as %40.'
const NO_PROXY_HINT = 'Have it allowed there, or name the relay in NO_PROXY.'

/** What a connection that could not be made means. @param code of the error */
export function failedConnection(code: string, message: string, welcomedBefore: boolean): Ending {
  if (!isCertificateError(code) || welcomedBefore) return passing(code === '' ? message : code)
  const hint = "Name the file of the authority that signed it: --ca FILE. The relay's own is in its data directory."
  return {
    reason: message,
    final: new Fault('certificate-invalid', `The relay is not trusted: ${message}.`, hint),
    retryAfterMs: 0,
  }
}

/** What the end of a connection means. @param code of the close frame (RFC 6455 section 7.4) */
export function closedByRelay(code: number, told: string): Ending {
  const words = told === '' ? '' : ` (${told})`
  if (code === LINK_CLOSE.revoked) {
    const hint = 'Have a new one made: portico relay token create --agent ID'
    return {
      reason: 'revoked',
      final: new Fault('unauthorized', `The relay no longer accepts the token${words}.`, hint),
      retryAfterMs: 0,
    }
  }
  if (code === LINK_CLOSE.replaced) {
    const fault = new Fault('conflict', `Another agent has taken this one's place${words}.`, 'Run only one of them.')
    return { reason: 'replaced', final: fault, retryAfterMs: 0 }
  }
  if (code === LINK_CLOSE.limit) return passing(`the relay's limit is reached${words}`, 5_000)
  if (code === LINK_CLOSE.protocol) return passing(`the relay found a mistake in the protocol${words}`, 1_000)
  if (code === LINK_CLOSE.goingAway || code === LINK_CLOSE.done) return passing(`the relay has stopped${words}`)
  return passing(`the connection was lost${words}`)
}

/** OpenSSL's verdicts, as Node names them, and names that are not in the certificate. */
function isCertificateError(code: string): boolean {
  return /CERT|^ERR_TLS_CERT|SIGNED|UNABLE_TO_(GET|VERIFY)|CRL|^HOSTNAME_MISMATCH$/.test(code)
}

/** In seconds, as RFC 9110 section 10.2.3; a date is passed over. At most five minutes. */
function retryAfterMs(field: string | undefined): number {
  return field !== undefined && /^\d{1,6}$/.test(field) ? Math.min(Number(field) * 1000, 300_000) : 0
}
