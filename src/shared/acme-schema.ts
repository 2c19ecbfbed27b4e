import { z } from 'zod'

const BOTH = 'has "directory" and "staging": staging is Let\'s Encrypt\'s, so leave one of them out'
const HOOK = 'must name the command that sets DNS records: challenge "dns-01" needs it'

/** How a certificate authority is asked for certificates by ACME (RFC 8555). */
export const acmeSchema = z
  .strictObject({
    email: z.email('must be an e-mail address such as "you@example.com"'),
    directory: z.url({ protocol: /^https$/, error: 'must be the https URL of an ACME directory' }).optional(),
    staging: z.boolean().optional(),
    caFile: z.string().min(1, 'must name a file').nullable().optional(),
    eab: z
      .strictObject({
        kid: z.string().min(1, 'must be the key identifier that the authority gave you'),
        hmacKey: z.string().regex(/^[\w+/-]+=*$/, 'must be the HMAC key that the authority gave you, in base64url'),
      })
      .optional(),
    challenge: z.enum(['http-01', 'tls-alpn-01', 'dns-01']).optional(),
    dnsHook: z
      .union([z.string().min(1), z.array(z.string()).min(1)], 'must be a program, or a list of it and its arguments')
      .optional(),
  })
  .refine(({ directory, staging }) => directory === undefined || staging !== true, { path: ['staging'], error: BOTH })
  .refine(({ challenge, dnsHook }) => challenge !== 'dns-01' || dnsHook !== undefined, {
    path: ['dnsHook'],
    error: HOOK,
  })
