import { z } from 'zod'
import { planOutcomeSchema, planSchema } from './plan.js'

/** How a trust store stands to the local CA. */
export const trustStoreStatusSchema = z.object({
  /** as `debian`, `nss:chromium`, `java:/path/to/cacerts` */
  id: z.string(),
  title: z.string(),
  /**
   * stale: it trusts another CA that a Portico made, and not this one; absent: there is no such store here; unknown: it
   * cannot be looked at
   */
  state: z.enum(['trusted', 'untrusted', 'stale', 'absent', 'unknown']),
  /** for a person: why, or what to do; empty when there is nothing to say */
  detail: z.string(),
  /** true: changed only when it is asked for by name */
  optional: z.boolean(),
  /** true: it has a CA that this one has taken the place of, and `replace` would take that out */
  former: z.boolean().optional(),
})

/** Name constraints of the CA (RFC 5280 section 4.2.1.10): what it may vouch for. */
export const constraintsSchema = z.object({ permitted: z.array(z.string()), excluded: z.array(z.string()) })

/** keychain: wrapped by the operating system's, which the desktop app alone can ask */
export const keyStorageSchema = z.enum(['file', 'keychain'])

/** The local CA; its key is nowhere in it. */
export const caInfoSchema = z.object({
  file: z.string(),
  pem: z.string(),
  /** SHA-256 of the certificate, colon-separated hex */
  fingerprint: z.string(),
  /** ISO 8601 */
  notAfter: z.string(),
  /** what it may vouch for, each domain with all that is below it; null: every name */
  constraints: z.object({ dns: z.array(z.string()), ip: z.array(z.string()) }).nullable(),
  /** it ends within 30 days */
  expiring: z.boolean(),
  keyStorage: keyStorageSchema,
  /** for a person: who can open its key */
  keyOpenedBy: z.string(),
  /** why its key could not be had when it was last wanted; null when it could, or nobody has wanted it yet */
  keyProblem: z.string().nullable(),
  /** the keychain that its key could be kept in, and why it cannot; null where there is none within reach */
  vault: z.object({ name: z.string(), available: z.boolean(), reason: z.string().nullable() }).nullable(),
})

export const trustStatusSchema = z.object({
  /** SHA-256 of the CA's certificate, colon-separated hex */
  fingerprint: z.string(),
  /** ISO 8601 */
  notAfter: z.string(),
  /** null: it may vouch for every name */
  constraints: constraintsSchema.nullable(),
  stores: z.array(trustStoreStatusSchema),
})

/**
 * clean: other CAs that a Portico made are taken out, and this one is left as it is; replace: stores that have a former
 * CA of this data directory get this one in its place.
 */
export const trustActionSchema = z.enum(['install', 'uninstall', 'clean', 'replace'])

export const trustPlanSchema = z.object({
  /** names exactly this plan; what is applied is what was seen */
  id: z.string(),
  action: trustActionSchema,
  /** whether an administrator has to approve */
  elevated: z.boolean(),
  /** those that would be changed, and those that cannot be, with what to do by hand */
  stores: z.array(z.object({ id: z.string(), title: z.string(), plan: planSchema })),
})

export const trustOutcomeSchema = z.object({
  /** false when a store is not in the state that was wanted */
  ok: z.boolean(),
  stores: z.array(
    z.object({ id: z.string(), title: z.string(), outcome: planOutcomeSchema, status: trustStoreStatusSchema }),
  ),
})

/** Stores by id, or by the family before the colon. All that are not optional when left out. */
export const trustSelectionSchema = z.array(z.string()).optional()

export type TrustStoreStatus = z.output<typeof trustStoreStatusSchema>
export type TrustStatus = z.output<typeof trustStatusSchema>
export type TrustAction = z.output<typeof trustActionSchema>
export type TrustPlan = z.output<typeof trustPlanSchema>
export type TrustOutcome = z.output<typeof trustOutcomeSchema>
export type KeyStorage = z.output<typeof keyStorageSchema>
export type NameConstraints = z.output<typeof constraintsSchema>
