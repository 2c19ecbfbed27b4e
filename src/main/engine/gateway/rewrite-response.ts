import type { RawHeaders } from './headers.js'

export interface RewriteContext {
  /** the backend's origin, `http://127.0.0.1:3000` */
  backendUrl: string
  /** what the client calls this host: scheme and authority, `https://shop.localhost` */
  publicOrigin: string
  /** what the route took off the path, to be put back; null when it took nothing */
  stripPrefix: string | null
  addPrefix: string | null
}

/**
 * Makes a backend's own addresses in its response fields the client's: Location and Content-Location that point at the
 * backend, and the Domain of its cookies. Foreign origins stay as they are. Changes `headers` in place.
 */
export function rewriteResponseHeaders(headers: RawHeaders, context: RewriteContext): void {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    switch (name.length) {
      case 8: // location
      case 16: // content-location
        if (/^(content-)?location$/i.test(name)) headers[i + 1] = rewriteLocation(headers[i + 1] as string, context)
        break
      case 10: // set-cookie
        if (/^set-cookie$/i.test(name)) headers[i + 1] = rewriteCookie(headers[i + 1] as string, context)
        break
    }
  }
}

/** @returns the location as the client can use it; unchanged when it is relative or leads elsewhere */
export function rewriteLocation(location: string, context: RewriteContext): string {
  if (location.startsWith('/') && !location.startsWith('//')) return publicPath(location, context)
  if (!/^(https?:)?\/\//i.test(location)) return location
  const backend = new URL(context.backendUrl)
  const url = URL.parse(location, context.backendUrl)
  if (url === null || url.username !== '' || !(sameServer(url, backend) || isPublic(url, context))) return location
  const authorityEnd = location.indexOf('//') + 2
  const rest = location.slice(authorityEnd).replace(/^[^/?#]*/, '')
  return context.publicOrigin + publicPath(rest, context)
}

/** Drops a cookie's Domain when it is the backend's own name: the client would refuse it. */
export function rewriteCookie(cookie: string, { backendUrl }: RewriteContext): string {
  if (!/;\s*domain\s*=/i.test(cookie)) return cookie
  const backend = new URL(backendUrl).hostname
  return cookie
    .split(';')
    .filter((part) => {
      const match = /^\s*domain\s*=\s*(.*?)\s*$/i.exec(part)
      return match === null || !sameHost((match[1] as string).replace(/^\./, '').toLowerCase(), backend)
    })
    .join(';')
}

/** A backend that was given our Host builds links to it, but knows only its own plain scheme. */
function isPublic(url: URL, { publicOrigin }: RewriteContext): boolean {
  const origin = new URL(publicOrigin)
  return bareHost(url.hostname) === bareHost(origin.hostname) && url.port === origin.port
}

/** The same host and port; the scheme may differ only when each port is its scheme's default. */
function sameServer(url: URL, backend: URL): boolean {
  if (!sameHost(url.hostname, backend.hostname)) return false
  if (portOf(url) === portOf(backend)) return true
  return url.port === '' && backend.port === ''
}

function portOf(url: URL): string {
  return url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80'
}

function sameHost(one: string, other: string): boolean {
  return bareHost(one) === bareHost(other) || (isThisMachine(one) && isThisMachine(other))
}

/** A dev server reached as `localhost` may call itself 127.0.0.1, and the other way round. */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '127.0.0.1'
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function publicPath(path: string, { stripPrefix, addPrefix }: RewriteContext): string {
  let out = path
  if (addPrefix !== null && hasPrefix(out, addPrefix)) out = out.slice(addPrefix.length)
  if (!out.startsWith('/')) out = `/${out}`
  return stripPrefix === null || hasPrefix(out, stripPrefix) ? out : stripPrefix + out
}

function hasPrefix(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || '/?#'.includes(path[prefix.length] as string))
}
