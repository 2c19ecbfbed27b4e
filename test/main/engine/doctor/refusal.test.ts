import { expect, test } from 'vitest'
import { refusalOf } from '../../../../src/main/engine/doctor/refusal.js'

/** As the clients of several systems have said it. */
test.each([
  ['(60) SSL certificate problem: unable to get local issuer certificate', 'untrusted'],
  ['(60) SSL certificate problem: self-signed certificate in certificate chain', 'untrusted'],
  [
    '(60) schannel: CertGetCertificateChain trust error CERT_TRUST_IS_UNTRUSTED_ROOT, SEC_E_UNTRUSTED_ROOT',
    'untrusted',
  ],
  ['Verification error: unable to get local issuer certificate', 'untrusted'],
  ['unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE)', 'untrusted'],
  ['[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate', 'untrusted'],
  ['PKIX path building failed: unable to find valid certification path to requested target', 'untrusted'],
  ['net::ERR_CERT_AUTHORITY_INVALID', 'untrusted'],
  ['[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)', 'expired'],
  ['certificate has expired (CERT_HAS_EXPIRED)', 'expired'],
  ['[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid', 'early'],
  ["Hostname mismatch, certificate is not valid for 'a.test'.", 'name'],
  ['verify error:num=47:permitted subtree violation', 'name'],
  ['net::ERR_CERT_COMMON_NAME_INVALID', 'name'],
  ['(7) Failed to connect to shop.localhost port 443: Connection refused', 'unreachable'],
  ['net::ERR_CONNECTION_REFUSED', 'unreachable'],
  ['something else entirely', 'other'],
])('%s: %s', (said, refusal) => {
  expect(refusalOf(said)).toBe(refusal)
})
