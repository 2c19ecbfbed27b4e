import { DialFailed, GatewayFault, UpstreamFailed } from './gateway-fault.js'

/** Why no connection to a backend came about, with the remedy. */
export function dialFault(error: Error, backendUrl: string, app: string | null): DialFailed {
  const codes = errorCodes(error)
  const { host, port } = new URL(backendUrl)
  const owner = app === null ? 'The app' : app
  const failed = (status: number, message: string, hint: string) =>
    new DialFailed(status === 504 ? 'upstream-timeout' : 'dial-failed', status, message, hint, [], { cause: error })
  if (codes.has('ECONNREFUSED')) {
    return failed(
      502,
      `${owner} is not answering. Nothing listens on ${host}.`,
      `Start the app, or correct its port: ${port === '' ? 'the config names none' : `the config says ${port}`}.`,
    )
  }
  if (codes.has('ETIMEDOUT')) {
    return failed(
      504,
      `${owner} is not answering. ${host} did not accept a connection in time.`,
      'Check that the address is right and that no firewall drops the packets.',
    )
  }
  if (codes.has('ENOTFOUND') || codes.has('EAI_AGAIN')) {
    return failed(
      502,
      `${owner} is not answering. The name ${host} does not resolve.`,
      'Correct the backend URL, or check the machine’s DNS.',
    )
  }
  if (codes.has('EMFILE') || codes.has('ENFILE')) {
    return failed(
      503,
      'The gateway has no file descriptors left.',
      'Raise the limit (ulimit -n), or close idle clients.',
    )
  }
  if ([...codes].some((code) => /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO|ERR_SSL|ERR_TLS/.test(code))) {
    return failed(
      502,
      `${owner} could not be reached safely: the certificate of ${host} was not accepted (${[...codes].join(', ')}).`,
      'Give the backend a "caFile" or "serverName", or set "insecure": true for one you trust.',
    )
  }
  return failed(
    502,
    `${owner} is not answering. Connecting to ${host} failed (${[...codes].join(', ') || error.message}).`,
    'Check that the app runs and that the backend URL is right.',
  )
}

/** Why nothing was sent: there was no connection, or the request itself could not be put into words. */
export function unsentFault(error: Error, backendUrl: string, app: string | null): GatewayFault {
  if (!('code' in error) || error.code !== 'UND_ERR_INVALID_ARG') return dialFault(error, backendUrl, app)
  return new GatewayFault(
    'bad-request',
    400,
    `The request cannot be forwarded: ${error.message}.`,
    'Send a well-formed HTTP request.',
    [],
    { cause: error },
  )
}

/**
 * What went wrong after the request was sent.
 *
 * @param headSent part of the answer has gone to the client already, which now sees it break off
 */
export function upstreamFault(error: Error, backendUrl: string, app: string | null, headSent: boolean): UpstreamFailed {
  const code = 'code' in error ? String(error.code) : ''
  const owner = app === null ? backendUrl : `${app} (${backendUrl})`
  const failed = (message: string, hint: string) =>
    new UpstreamFailed('upstream-failed', 502, message, hint, [], { cause: error })
  if (headSent)
    return failed(`${owner} broke off in the middle of its answer.`, 'Look at the app’s own log for the reason.')
  if (
    code.startsWith('HPE_') ||
    code.includes('PARSER') ||
    code.includes('OVERFLOW') ||
    /bad (response|upgrade)/.test(error.message)
  ) {
    return failed(
      `${owner} sent an answer that is not valid HTTP.`,
      'Check that this port speaks HTTP and not something else, such as HTTPS.',
    )
  }
  return failed(
    `${owner} closed the connection without an answer.`,
    'Look at the app’s own log: it may have crashed or restarted.',
  )
}

/** The backend's answer cannot be passed on. */
export function invalidAnswer(backendUrl: string, app: string | null, cause?: unknown): UpstreamFailed {
  const error = Object.assign(new Error('the answer cannot be passed on', { cause }), { code: 'HPE_INVALID_ANSWER' })
  return upstreamFault(error, backendUrl, app, false)
}

/** How a connection fails whose other end was closed before the request came. */
export function isHangUp(error: Error): boolean {
  const code = 'code' in error ? error.code : undefined
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
}

/** Happy-eyeballs failures carry one error per address. */
function errorCodes(error: Error): Set<string> {
  const inner = error instanceof AggregateError ? (error.errors as Error[]) : [error]
  return new Set([error, ...inner].flatMap((one) => ('code' in one && typeof one.code === 'string' ? [one.code] : [])))
}
