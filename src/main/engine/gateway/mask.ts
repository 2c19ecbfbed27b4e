const SECRET_QUERY = /([?&][^=&]*(?:token|secret|passw|api[-_]?key|signature|credential|auth|code)[^=&]*=)[^&]*/gi

/** The request target with the values of query parameters that look like secrets masked, for logs. */
export function maskedTarget(target: string): string {
  return target.includes('?') ? target.replace(SECRET_QUERY, '$1***') : target
}
