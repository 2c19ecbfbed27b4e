import type { GatewayFault } from '../gateway-fault.js'
import type { RawHeaders } from '../headers.js'

/** What a policy says of an exchange, carried out by the request path. */
export type Decision =
  | { kind: 'continue' }
  /** refused: an error page */
  | { kind: 'respond'; fault: GatewayFault }
  /** answered in full by the policy */
  | { kind: 'answer'; status: number; headers: RawHeaders; body: Uint8Array | string }
  /** the policy has begun the reply itself, and ends it */
  | { kind: 'answered' }

export const CONTINUE: Decision = { kind: 'continue' }
export const ANSWERED: Decision = { kind: 'answered' }

export function refuse(fault: GatewayFault): Decision {
  return { kind: 'respond', fault }
}
