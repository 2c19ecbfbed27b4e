import { Fault } from '../../../shared/fault.js'
import type { ShareRelay } from '../../../shared/share-schemas.js'
import { strings } from '../../strings.js'

export type RelayField = 'url' | 'token' | 'ca'

/** What is wrong with a field, and what to do about it. */
export interface RelayProblem {
  field: RelayField
  message: string
  hint?: string | undefined
}

const text = strings.share.relay

/** What is missing before a relay needs to be asked; null for nothing. */
export function missingOf({ token, ca }: ShareRelay): RelayProblem | null {
  if (token.trim() === '') return { field: 'token', message: text.noToken }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) return { field: 'ca', message: text.badCa }
  return null
}

/** The field that a refusal is about: the engine tells by its code what went wrong. */
export function problemOf(thrown: unknown): RelayProblem {
  const { code, message, hint } = Fault.of(thrown)
  if (code === 'unauthorized' || code === 'forbidden') return { field: 'token', message, hint }
  if (code === 'certificate-invalid') return { field: 'ca', message, hint }
  return { field: /\btoken\b(?! to )/.test(message) ? 'token' : 'url', message, hint }
}
