/** What may be done next: `unreachable` and `failed`: later; `limited`: not before `retryAfterMs` have passed. */
export type AcmeErrorKind = 'unreachable' | 'limited' | 'failed'

/** A certificate could not be had, in plain words, and what to do about it. */
export class AcmeError extends Error {
  override readonly name = 'AcmeError'
  readonly kind: AcmeErrorKind
  /** what the user can do; empty when only waiting helps */
  readonly remedy: string
  /** the problem type of RFC 8555 section 6.7 without its prefix, such as `rateLimited`; empty when there is none */
  readonly type: string
  /** what the directory asks to wait, in milliseconds; null when it asks nothing */
  readonly retryAfterMs: number | null

  constructor(
    message: string,
    options: {
      kind?: AcmeErrorKind
      remedy?: string
      type?: string
      retryAfterMs?: number | null
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.kind = options.kind ?? 'failed'
    this.remedy = options.remedy ?? ''
    this.type = options.type ?? ''
    this.retryAfterMs = options.retryAfterMs ?? null
  }

  /** Message and remedy as one. */
  get words(): string {
    return this.remedy === '' ? this.message : `${this.message}. ${this.remedy}`
  }
}

/** Whatever was thrown, as an AcmeError. */
export function toAcmeError(thrown: unknown): AcmeError {
  if (thrown instanceof AcmeError) return thrown
  return new AcmeError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}
