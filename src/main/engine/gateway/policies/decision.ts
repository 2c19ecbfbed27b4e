import type { GatewayFault } from '../gateway-fault.js'

/** What a policy says of an exchange: a pure decision, carried out by the request path. */
export type Decision = { kind: 'continue' } | { kind: 'respond'; fault: GatewayFault }

export const CONTINUE: Decision = { kind: 'continue' }
