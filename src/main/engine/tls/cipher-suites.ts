import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'

/** Forward secrecy and AEAD with a full-length tag only: no CBC, no CCM (so no CCM8), no ARIA, no static RSA. */
const CIPHER_SUITES = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]

/** What every context, and the server itself, is made with: TLS 1.2 or later, our order of the suites. */
export const SECURE_OPTIONS = {
  minVersion: 'TLSv1.2',
  ciphers: CIPHER_SUITES.join(':'),
  honorCipherOrder: true,
  ecdhCurve: 'X25519:P-256:P-384',
  // HTTP/2 forbids renegotiation (RFC 9113 section 9.2.1), and no HTTP/1.1 client needs it.
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  // Clients are asked for no certificate: without this every context would be given the public roots to judge one by.
  ca: [] as string[],
  sessionIdContext: 'portico',
  sessionTimeout: 12 * 3600,
} satisfies SecureContextOptions
