import { createHash } from 'node:crypto'
import { escapeHtml } from '../../gateway/error-page.js'
import type { RawHeaders } from '../../gateway/headers.js'

/** On every answer of the panel, whatever it is. */
export const GUARD_FIELDS: RawHeaders = [
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Referrer-Policy', 'no-referrer'],
  ...['X-Frame-Options', 'DENY'],
  ...['Cross-Origin-Opener-Policy', 'same-origin'],
  ...['Cross-Origin-Resource-Policy', 'same-origin'],
]

/** The policy of the window's own files: nothing from elsewhere, nothing inline, and one WebSocket. */
export function windowPolicy(origin: string): string {
  const socket = origin.replace(/^https:/, 'wss:')
  return [
    "default-src 'self'",
    `connect-src 'self' ${socket}`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * A page without the window: one thing that is so, and what to do about it.
 *
 * @param accept the request's Accept; who does not ask for HTML gets text
 */
export function plainPage(
  message: string,
  hint: string | null,
  accept: string | undefined,
): { headers: RawHeaders; body: string } {
  const common = [...GUARD_FIELDS, 'Cache-Control', 'no-store', 'Content-Security-Policy', PAGE_POLICY]
  if (accept?.includes('text/html') === true)
    return { headers: ['Content-Type', 'text/html; charset=utf-8', ...common], body: html(message, hint) }
  const body = hint === null ? `${message}\n` : `${message}\n${hint}\n`
  return { headers: ['Content-Type', 'text/plain; charset=utf-8', ...common], body }
}

const STYLE = `:root{color-scheme:light dark}
body{margin:0;font:15px/1.5 system-ui,sans-serif}
main{max-width:40rem;margin:12vh auto;padding:0 24px}
h1{font-size:22px;line-height:1.3;font-weight:600}
p{overflow-wrap:anywhere}`

const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function html(message: string, hint: string | null): string {
  const advice = hint === null ? '' : `<p>${escapeHtml(hint)}</p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Portico</title><style>${STYLE}</style></head>
<body><main><h1>${escapeHtml(message)}</h1>${advice}</main></body></html>
`
}
