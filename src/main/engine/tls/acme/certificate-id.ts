import type { X509Certificate } from 'node:crypto'

/** Object identifier 2.5.29.35 (authorityKeyIdentifier) in DER. */
const AUTHORITY_KEY_ID = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x23])
const KEY_IDENTIFIER = 0x80

/**
 * The name of a certificate for questions about its renewal (RFC 9773 section 4.1): key identifier of its issuer and
 * serial number, both in base64url. Null when it carries no key identifier.
 */
export function certificateId(certificate: X509Certificate): string | null {
  const keyId = authorityKeyId(certificate.raw)
  if (keyId === null) return null
  return `${keyId.toString('base64url')}.${serialOf(certificate).toString('base64url')}`
}

/** OCTET STRING of SEQUENCE, whose first part is the identifier; all of them are short (X.690 section 8.1.3.4). */
function authorityKeyId(der: Buffer): Buffer | null {
  const at = der.indexOf(AUTHORITY_KEY_ID)
  if (at === -1) return null
  const begin = at + AUTHORITY_KEY_ID.length + 4
  const length = der[begin + 1] ?? 0
  if (der[begin] !== KEY_IDENTIFIER || length === 0 || length > 0x7f) return null
  return der.subarray(begin + 2, begin + 2 + length)
}

/** As in DER: a leading zero keeps it positive. */
function serialOf({ serialNumber }: X509Certificate): Buffer {
  const even = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`
  const bytes = Buffer.from(even, 'hex')
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
}
