import type { Step } from '../../../shared/plan.js'
import type { FoundCertificate, TrustCa } from './pem.js'

/** A CA of Portico's, this one or another, in a store. */
export interface TrustEntry extends Pick<FoundCertificate, 'fingerprint' | 'name'> {
  /** where in the store, in its own terms: a file, a nickname, an alias, a hash */
  place: string
  /** whether clients of the store accept what it signed */
  trusted: boolean
  /** what is wrong with it, or who put it there; for a person */
  remark?: string
}

/** What a look at a store has found. */
export type Look =
  | { found: true; entries: TrustEntry[] }
  /** it is not there or cannot be looked at; why, and how to come by it */
  | { found: false; because: string; known: boolean }

/** The other stores that are changed in the same go, by id. */
export type Alongside = ReadonlySet<string>

/**
 * One place where clients look up whom to trust. An entry is known by its fingerprint, never by its name alone, and
 * what is removed is exactly the entries that were found.
 */
export interface TrustStore {
  /** for `--store`; what several have before a colon is a family, as in `nss:chromium` */
  readonly id: string
  readonly title: string
  /** true: changed only when it is asked for by name */
  readonly optional: boolean
  look(ca: TrustCa): Promise<Look>
  /** the steps that make it trust the CA, from what a look has found */
  additions(ca: TrustCa, entries: readonly TrustEntry[], alongside: Alongside): Promise<Step[]>
  /** the steps that take entries out which a look has found */
  removals(entries: readonly TrustEntry[], alongside: Alongside): Promise<Step[]>
}

/** A store that is not there: told of, never changed. */
export function absentStore(id: string, title: string, because: string): TrustStore {
  return {
    id,
    title,
    optional: false,
    look: async () => ({ found: false, because, known: true }),
    additions: async () => [],
    removals: async () => [],
  }
}
