/** `__Host-`: the browser takes it only over TLS, for this very host and all of its paths (RFC 6265bis section 4.1.3.2). */
const NAME = '__Host-portico'
const VALUE = /^[\w-]{43}$/

/** The Set-Cookie value that logs a browser in. @param maxAgeMs how long the browser keeps it */
export function sessionCookie(secret: string, maxAgeMs: number): string {
  return `${NAME}=${secret}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; Secure; HttpOnly; SameSite=Strict`
}

/** The session secrets that a request carries. @param fields its Cookie fields: one, or several over HTTP/2 */
export function sessionSecrets(fields: readonly string[]): string[] {
  return fields
    .flatMap((field) => field.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${NAME}=`))
    .map((pair) => pair.slice(NAME.length + 1))
    .filter((value) => VALUE.test(value))
    .slice(0, 4)
}
