/** Fetch destinations that may show a page (https://fetch.spec.whatwg.org/#concept-request-destination). */
const PAGE_DESTINATIONS = new Set(['document', 'iframe', 'frame', 'fencedframe', 'embed', 'object', 'empty'])

const EXTENSION = /\.[a-z0-9]{1,16}$/i

/**
 * Whether a request for something that does not exist is a navigation within an SPA, to be answered with its
 * index.html. A client that names text/html always navigates; one that takes anything does so only for names without
 * a file extension, so that a missing script stays a 404 instead of becoming HTML.
 * @param accept the Accept field; absent means anything (RFC 9110 section 12.5.1)
 * @param destination the Sec-Fetch-Dest field
 * @param lastSegment the last segment of the path
 */
export function wantsPage(accept: string | undefined, destination: string | undefined, lastSegment: string): boolean {
  if (destination !== undefined && !PAGE_DESTINATIONS.has(destination.trim().toLowerCase())) return false
  const html = acceptsHtml(accept)
  return html === 'named' || (html === 'wildcard' && !EXTENSION.test(lastSegment))
}

/** How a client accepts HTML: by name, by a wildcard only, or not at all (q=0 refuses; the most specific range wins). */
export function acceptsHtml(accept: string | undefined): 'named' | 'wildcard' | 'no' {
  if (accept === undefined || accept.trim() === '') return 'wildcard'
  const weights = new Map<string, number>()
  for (const element of accept.split(',')) {
    const [range = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    weights.set(range, q === undefined ? 1 : Number(q.slice(2)) || 0)
  }
  const named = weights.get('text/html')
  if (named !== undefined) return named > 0 ? 'named' : 'no'
  return (weights.get('text/*') ?? weights.get('*/*') ?? 0) > 0 ? 'wildcard' : 'no'
}
