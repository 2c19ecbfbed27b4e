import { z } from 'zod'
import { durationSchema } from '../duration.js'
import { headerNameSchema, nameSchema, timeLimitSchema } from '../field-schemas.js'
import { isLoopbackHost } from '../hostname.js'

const HASH = 'must be a bcrypt or scrypt hash: make one with "portico hash-password"'
/** bcrypt beyond cost 15 takes seconds for one check. */
const PASSWORD_HASH =
  /^(\$2[aby]\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}|\$scrypt\$ln=([1-9]|1[0-8]),r=([1-9]|[12]\d|3[0-2]),p=([1-9]|1[0-6])(\$[A-Za-z0-9+/]{11,128}){2})$/
const HTTP_URL = z
  .string()
  .regex(/^https?:\/\/\S+$/, 'must be a URL such as "https://id.example.com"')
  .refine((text) => !/^https?:\/\/\S+$/.test(text) || URL.canParse(text), 'must be a valid URL')
/** Whoever can change what comes over plain HTTP decides who may come. */
const SAFE_URL = HTTP_URL.refine((text) => {
  const url = URL.parse(text)
  return url?.protocol !== 'http:' || isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ''))
}, 'must begin with "https://", except on this machine')

/** User names and the hashes of their passwords (RFC 7617). */
export const basicAuthSchema = z.strictObject({
  users: z
    .record(
      z.string().regex(/^[^:\p{Cc}]+$/u, 'must be a user name without a colon (RFC 7617 section 2)'),
      z.string().regex(PASSWORD_HASH, HASH),
    )
    .refine((users) => Object.keys(users).length > 0, 'must have at least one user'),
  realm: z
    .string()
    .regex(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/, 'must be plain ASCII without quotes')
    .optional(),
  /** tells the backend who it is, as "X-Remote-User" */
  userHeader: headerNameSchema.optional(),
  /** the backend gets user name and password too; false unless told */
  passAuthorization: z.boolean().optional(),
})

/** Signed bearer tokens (RFC 7519, RFC 6750). */
export const jwtSchema = z
  .strictObject({
    /** where the keys are published */
    jwks: SAFE_URL.optional(),
    /** a JWK set or PEM public keys, relative to the config file */
    keyFile: z.string().min(1, 'must name a file').optional(),
    issuer: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    audience: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
    algorithms: z
      .array(
        z
          .string()
          .regex(/^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/, 'must be an asymmetric algorithm such as "RS256"'),
      )
      .min(1)
      .optional(),
    /** how far clocks may be apart; 30s unless told */
    clockSkew: durationSchema.optional(),
    /** claims that must be there, with these values */
    claims: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])).optional(),
    /** claims that go to the backend as header fields: name of the field to name of the claim */
    headers: z.record(headerNameSchema, z.string()).optional(),
    /** also looked for in this cookie */
    cookie: z
      .string()
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a cookie')
      .optional(),
  })
  .refine(
    ({ jwks, keyFile }) => (jwks === undefined) !== (keyFile === undefined),
    'must have either "jwks" or "keyFile"',
  )

/** Sign-in at an OpenID provider: code flow with PKCE. */
export const oidcSchema = z.strictObject({
  issuer: SAFE_URL,
  clientId: z.string().min(1),
  clientSecret: z.string().min(1).optional(),
  /** a CA that the provider's certificate is verified with, besides the public ones and Portico's own */
  caFile: z.string().min(1, 'must name a file').optional(),
  scopes: z.array(z.string().min(1)).min(1).optional(),
  /** path for callback and logout; "/.portico/oidc" below the route unless told */
  path: z
    .string()
    .regex(/^\/[^?#\s*]*[^/?#\s*]$/, 'must be a path such as "/.portico/oidc"')
    .optional(),
  /** how long one is signed in; 12h unless told */
  session: timeLimitSchema.optional(),
  /** only these, by the claims "email" or "sub"; everybody the provider knows unless told */
  allow: z.array(z.string().min(1)).min(1).optional(),
  headers: z.record(headerNameSchema, z.string()).optional(),
})

/** Another service decides: 2xx lets the request pass, anything else is the answer. */
export const forwardAuthSchema = z
  .strictObject({
    /** the app that decides */
    app: nameSchema.optional(),
    /** or the service, as a whole URL */
    url: HTTP_URL.optional(),
    /** path at the app; "/" unless told */
    path: z.string().startsWith('/').optional(),
    /** fields of its answer that go to the backend */
    copyHeaders: z.array(headerNameSchema).optional(),
    timeout: timeLimitSchema.optional(),
  })
  .refine(({ app, url }) => (app === undefined) !== (url === undefined), 'must have either "app" or "url"')

export type BasicAuthSettings = z.output<typeof basicAuthSchema>
export type JwtSettings = z.output<typeof jwtSchema>
export type OidcSettings = z.output<typeof oidcSchema>
export type ForwardAuthSettings = z.output<typeof forwardAuthSchema>
