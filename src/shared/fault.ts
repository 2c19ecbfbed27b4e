/** Machine-readable causes. A new code is added here first; nothing invents one on the spot. */
export const FAULT_CODES = [
  'bad-request',
  'host-unknown',
  'route-unknown',
  'app-disabled',
  'misdirected',
  'method-not-allowed',
  'head-too-large',
  'body-too-large',
  'request-timeout',
  'file-unavailable',
  'dial-failed',
  'no-backend',
  'process-failed',
  'upstream-failed',
  'upstream-timeout',
  'loop',
  'overloaded',
  'rate-limited',
  'injected',
  'not-supported',
  'not-found',
  'conflict',
  'usage',
  'config-invalid',
  'config-unreadable',
  'config-unwritable',
  'already-running',
  'not-running',
  'unauthorized',
  'forbidden',
  'port-taken',
  'port-forbidden',
  'listen-failed',
  'certificate-invalid',
  'node-too-old',
  'protocol',
  'internal',
] as const

export type FaultCode = (typeof FAULT_CODES)[number]

/** What a Fault looks like on a wire: plain data, safe to show to a person. */
export interface FaultData {
  code: FaultCode
  message: string
  hint?: string | undefined
}

/**
 * The only error that crosses a process boundary: what happened (`message`) and what to do about it (`hint`).
 * Neither ever holds a stack trace or a secret.
 */
export class Fault extends Error {
  override readonly name = 'Fault'

  /**
   * @param code the machine-readable cause
   * @param message one plain sentence saying what happened
   * @param hint one plain sentence saying what to do next
   */
  constructor(
    readonly code: FaultCode,
    message: string,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  toJSON(): FaultData {
    return { code: this.code, message: this.message, ...(this.hint === undefined ? {} : { hint: this.hint }) }
  }

  static from(data: FaultData): Fault {
    return new Fault(data.code, data.message, data.hint)
  }

  /** Turns anything thrown into a Fault; an unexpected error becomes `internal` with its message, never its stack. */
  static of(thrown: unknown): Fault {
    if (thrown instanceof Fault) return thrown
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    return new Fault('internal', message, 'This is a defect in Portico: please report it with the engine log.', {
      cause: thrown,
    })
  }
}
