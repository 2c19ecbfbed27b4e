import { performance } from 'node:perf_hooks'
import type { ExchangeInit, FailedAttempt, Phase, Protocol } from './exchange-init.js'
import type { RawHeaders } from './headers.js'
import type { PolicyNote } from './policies/policy.js'
import type { CompiledApp, CompiledRoute } from './route-table.js'

/** What there is to tell of an exchange: whose it was, who answered, how long it took. */
export abstract class ExchangeRecord {
  readonly id: string
  /** by which client, gateway and backend know it: the client's own, where the config has it taken over */
  requestId: string
  readonly protocol: Protocol
  readonly method: string
  readonly target: string
  readonly startedAt = performance.now()
  readonly time = Date.now()

  host = ''
  app: CompiledApp | null = null
  route: CompiledRoute | null = null
  appName: string | null = null
  /** the one that was tried last */
  backend: string | null = null
  /** attempts that brought no answer, or none that was whole; null when there were none */
  failedAttempts: FailedAttempt[] | null = null
  attempts = 0
  /** milliseconds from the head's arrival to the beginning of the latest attempt */
  attemptStartedMs = 0
  /** milliseconds from the head's arrival to the end; 0 until then */
  totalMs = 0
  status = 0
  /** as handed to the client's protocol; null when no answer was begun */
  responseHeaders: RawHeaders | null = null
  bytesIn = 0
  bytesOut = 0
  connectMs: number | null = null
  firstByteMs: number | null = null
  error: string | null = null
  /** what policies did; null when nothing worth telling */
  notes: PolicyNote[] | null = null
  phase: Phase = 'receiving'

  constructor({ id, protocol, method, target }: ExchangeInit) {
    this.id = id
    this.requestId = id
    this.protocol = protocol
    this.method = method
    this.target = target
  }

  note(policy: PolicyNote['policy'], outcome: string): void {
    this.notes ??= []
    this.notes.push({ policy, outcome })
  }

  /** An attempt at a backend begins. @param url of the backend */
  attempting(url: string): void {
    this.backend = url
    this.phase = 'dialing'
    this.attempts += 1
    this.attemptStartedMs = this.elapsed()
  }

  /**
   * @param error why the attempt under way brought no whole answer, in a sentence
   * @param status of the answer that was not passed on; null without
   */
  attemptFailed(error: string, status: number | null = null): void {
    const startedMs = this.attemptStartedMs
    this.failedAttempts ??= []
    this.failedAttempts.push({ backend: this.backend ?? '', error, startedMs, ms: this.elapsed() - startedMs, status })
  }

  /** The backend that answered; null when none did. */
  get answeredBy(): string | null {
    return this.attempts > (this.failedAttempts?.length ?? 0) ? this.backend : null
  }

  /** Milliseconds since the head arrived. */
  elapsed(): number {
    return performance.now() - this.startedAt
  }
}
