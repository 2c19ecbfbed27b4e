/** Why a client did not get an answer. */
export type Refusal = 'untrusted' | 'name' | 'expired' | 'early' | 'unreachable' | 'other'

/** What clients say, most telling first: several of them mention a certificate whatever is wrong. */
const WORDS: [Refusal, RegExp][] = [
  ['early', /not yet valid|CertificateNotYetValid|CERT_NOT_YET_VALID/i],
  ['expired', /has expired|CertificateExpired|CERT_HAS_EXPIRED|ERR_CERT_DATE_INVALID/i],
  [
    'name',
    /hostname mismatch|does not match|ALTNAME_INVALID|COMMON_NAME_INVALID|permitted subtree|no alternative certificate subject|No subject alternative|No name matching|NAME_CONSTRAINT/i,
  ],
  [
    'untrusted',
    /unable to get (local )?issuer|self[- ]signed|UNABLE_TO_(GET_ISSUER|VERIFY)|AUTHORITY_INVALID|unable to find valid certification path|unknown (ca|authority)|certificate verify failed|SEC_E_UNTRUSTED|not trusted/i,
  ],
  [
    'unreachable',
    /refused|timed? ?out|unreachable|could ?n.t (connect|resolve)|not known|ENOTFOUND|UnknownHost|reset by peer|ERR_(CONNECTION|ADDRESS|NAME)/i,
  ],
]

/** @param said by a client */
export function refusalOf(said: string): Refusal {
  return WORDS.find(([, words]) => words.test(said))?.[0] ?? 'other'
}
