import type { X509Certificate } from 'node:crypto'
import { certificateId } from './certificate-id.js'
import type { DirectoryHttp } from './directory-http.js'
import type { SuggestedWindow } from './schedule.js'

/** What a directory said of the renewal of a certificate. */
export interface RenewalInfo {
  /** null when the directory has no opinion (RFC 9773 is not for every authority) */
  window: SuggestedWindow | null
  /** when to ask again, in milliseconds from now; null when it does not say */
  retryAfterMs: number | null
}

/** Asks a directory when to renew a certificate. Rejects with an AcmeError when it does not answer. */
export async function askRenewalInfo(
  http: DirectoryHttp,
  directoryUrl: string,
  certificate: X509Certificate,
): Promise<RenewalInfo> {
  const directory = await http.request(directoryUrl, 'GET', undefined)
  const base = textAt(directory.data, 'renewalInfo')
  const id = certificateId(certificate)
  if (base === null || id === null) return { window: null, retryAfterMs: null }
  const { data } = await http.request(`${base.replace(/\/$/, '')}/${id}`, 'GET', undefined)
  const retryAfterMs = typeof data === 'object' && data !== null ? http.pauseAskedWith(data) : null
  return { window: windowIn(data), retryAfterMs }
}

/** "Servers … end is after start" (RFC 9773 section 4.2); anything else is taken as no opinion. */
function windowIn(data: unknown): SuggestedWindow | null {
  const suggested = typeof data === 'object' && data !== null && 'suggestedWindow' in data ? data.suggestedWindow : null
  const start = Date.parse(textAt(suggested, 'start') ?? '')
  const end = Date.parse(textAt(suggested, 'end') ?? '')
  return start < end ? { start, end } : null
}

function textAt(data: unknown, key: string): string | null {
  if (typeof data !== 'object' || data === null) return null
  const value = (data as Record<string, unknown>)[key]
  return typeof value === 'string' ? value : null
}
