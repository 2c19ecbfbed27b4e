import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { protocol } from 'electron'

const SCHEME = 'app'
export const APP_ORIGIN = `${SCHEME}://portico`

/** Everything from the app itself; React sets styles through the DOM, which needs no 'unsafe-inline'. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Makes `app://` a scheme like https, with origins and fetch. To be called before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

/**
 * Serves the window's files under `app://portico/`, and nothing else of the disk.
 * @param root absolute path of the folder with the renderer's build
 */
export function serveAppProtocol(root: string): void {
  protocol.handle(SCHEME, async (request) => {
    const file = request.method === 'GET' ? fileInside(root, request.url) : null
    const body = file === null ? null : await readFile(file).catch(() => null) // unreadable is as good as absent
    if (file === null || body === null) return new Response('Not found', { status: 404, headers: headersOf('.txt') })
    return new Response(new Uint8Array(body), { headers: headersOf(path.extname(file)) })
  })
}

/**
 * The file that a URL names; null for another host and for whatever would leave the folder.
 * @param root absolute
 */
export function fileInside(root: string, address: string): string | null {
  if (!URL.canParse(address)) return null
  const url = new URL(address)
  if (`${url.protocol}//${url.host}` !== APP_ORIGIN) return null
  const name = decode(url.pathname)
  if (name === null || /[\\\0:]/.test(name)) return null
  const file = path.join(root, name)
  return file.startsWith(root + path.sep) ? file : null
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return null // not percent-encoding, so no name of a file
  }
}

function headersOf(extension: string): Record<string, string> {
  return {
    'content-type': TYPES[extension] ?? 'application/octet-stream',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
}
