import type {
  NameConstraints,
  TrustAction,
  TrustOutcome,
  TrustPlan,
  TrustStatus,
  TrustStoreStatus,
} from '../../shared/trust-schemas.js'

/** The local CA, without its key. */
export interface LocalCa {
  pem: string
  /** absolute; its certificate */
  certFile: string
  /** SHA-256 of the CAs whose place it has taken, colon-separated upper-case hex */
  former?: readonly string[]
}

/** The trust stores of the machine, as the engine asks for them. */
export interface TrustStores {
  status(ca: LocalCa): Promise<TrustStoreStatus[]>
  /** @throws Fault `not-found` when the selection names a store that is not here */
  plan(action: TrustAction, ca: LocalCa, selection?: readonly string[]): Promise<TrustPlan>
  /** Does what the plan with this id has told. @throws Fault `conflict` when it would be another one by now */
  apply(action: TrustAction, ca: LocalCa, id: string, selection?: readonly string[]): Promise<TrustOutcome>
  /**
   * What makes runtimes with trust of their own accept the CA, as environment variables; the files that they name are
   * made where needed. @param dataDir absolute
   */
  variables(ca: LocalCa, dataDir: string): Promise<Record<string, string>>
}

/** What the trust stores say, and what may be known from the CA itself. */
export async function trustStatus(
  stores: TrustStores | null,
  ca: LocalCa & { fingerprint: string; notAfter: Date; constraints: NameConstraints | null },
): Promise<TrustStatus> {
  const { fingerprint, notAfter, constraints } = ca
  return { fingerprint, notAfter: notAfter.toISOString(), constraints, stores: (await stores?.status(ca)) ?? [] }
}
