import { GatewayFault } from '../../gateway-fault.js'

/** Why a request has no valid token, as RFC 6750 section 3.1 tells it. */
export type TokenProblem =
  | { kind: 'none' }
  | { kind: 'malformed' }
  | { kind: 'invalid'; reason: string }
  /** @param scope what would do, where it is about scopes */
  | { kind: 'insufficient'; claim: string; scope: string | null }

/** @param realm plain ASCII without quotes */
export function bearerFault(problem: TokenProblem, realm: string): GatewayFault {
  switch (problem.kind) {
    case 'none':
      return fault(401, 'This needs a bearer token.', realm, [])
    case 'malformed':
      return fault(401, 'The bearer token cannot be read.', realm, ['error="invalid_token"'])
    case 'invalid':
      return fault(401, `The bearer token was not accepted: ${problem.reason}.`, realm, [
        'error="invalid_token"',
        `error_description="${problem.reason}"`,
      ])
    case 'insufficient':
      return fault(403, `The bearer token does not allow this: its claim "${problem.claim}" does not.`, realm, [
        'error="insufficient_scope"',
        ...(problem.scope === null ? [] : [`scope="${problem.scope.replace(/[^\x21\x23-\x5b\x5d-\x7e ]/g, '')}"`]),
      ])
  }
}

/** What is wrong with a token, from the error of the library that verified it. Nothing of the token is in it. */
export function invalidReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const claim = error instanceof Error && 'claim' in error ? String(error.claim) : ''
  switch (code) {
    case 'ERR_JWT_EXPIRED':
      return 'it has expired'
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
      return CLAIM_REASONS[claim] ?? 'a claim is not as it must be'
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'its algorithm is not allowed'
    case 'ERR_JWKS_NO_MATCHING_KEY':
      return 'no known key has signed it'
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'its signature is wrong'
    default:
      return 'it is not a well-formed signed token'
  }
}

const CLAIM_REASONS: Readonly<Record<string, string>> = {
  exp: 'it has no time of expiry',
  nbf: 'it is not valid yet',
  iat: 'it was issued in the future',
  iss: 'it was issued by somebody else',
  aud: 'it is for somebody else',
}

const HINT = 'Send a valid token as "Authorization: Bearer …".'

function fault(status: 401 | 403, message: string, realm: string, parameters: string[]): GatewayFault {
  const challenge = `Bearer ${[`realm="${realm}"`, ...parameters].join(', ')}`
  return new GatewayFault(status === 401 ? 'unauthorized' : 'forbidden', status, message, HINT, [
    'WWW-Authenticate',
    challenge,
  ])
}
