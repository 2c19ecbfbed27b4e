import type { GatewayFault } from './gateway-fault.js'
import type { RawHeaders } from './headers.js'

export interface ErrorPageContext {
  accept: string | undefined
  requestId: string
  app: string | null
}

/**
 * Writes a fault as the client wants it: a page for browsers, JSON for programs that ask for it, else plain text. All
 * three say what happened and what to do, and none says more about the inside than that.
 */
export function errorPage(fault: GatewayFault, context: ErrorPageContext): { headers: RawHeaders; body: string } {
  const accept = context.accept?.toLowerCase() ?? ''
  if (accept.includes('text/html'))
    return { headers: fields('text/html; charset=utf-8', HTML_POLICY), body: html(fault, context) }
  if (/application\/(?:[\w.-]+\+)?json/.test(accept)) {
    return { headers: fields('application/json; charset=utf-8'), body: `${JSON.stringify(json(fault, context))}\n` }
  }
  return { headers: fields('text/plain; charset=utf-8'), body: text(fault) }
}

export const HTML_POLICY = [
  'Content-Security-Policy',
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
]

export function fields(type: string, extra: RawHeaders = []): RawHeaders {
  return ['Content-Type', type, 'Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff', ...extra]
}

function json(fault: GatewayFault, { app, requestId }: ErrorPageContext) {
  const { backends, exit = null, output = [] } = fault.details ?? {}
  return {
    error: {
      ...{ status: fault.status, ...fault.toJSON(), ...(app === null ? {} : { app }), requestId },
      ...(backends === undefined
        ? {}
        : { backends: backends.map(({ url, reason, retryInMs }) => ({ url, reason, retryAfterMs: retryInMs })) }),
      ...(exit === null ? {} : { exit }),
      ...(output.length === 0 ? {} : { output }),
    },
  }
}

function text(fault: GatewayFault): string {
  const { backends = [], exit = null, output = [] } = fault.details ?? {}
  const lines = [
    `${fault.status} ${fault.message}`,
    ...(fault.hint === undefined ? [] : [fault.hint]),
    ...backends.map(({ url, reason, retryInMs }) => `${url}: ${reason} ${again(retryInMs)}`.trimEnd()),
    ...(exit === null ? [] : [`Exit: ${exitText(exit)}`]),
    ...output.map((line) => `| ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

function exitText({ code, signal }: { code: number | null; signal: string | null }): string {
  return signal ?? `code ${code ?? 'unknown'}`
}

/** Empty when nobody knows. */
function again(retryInMs: number | null): string {
  if (retryInMs === null) return ''
  const seconds = Math.max(1, Math.ceil(retryInMs / 1_000))
  return `It is tried again in ${seconds === 1 ? 'a second' : `${seconds} s`}.`
}

function detailsHtml({ details }: GatewayFault): string {
  const { backends = [], output = [] } = details ?? {}
  const rows = backends.map(
    ({ url, reason, retryInMs }) =>
      `<li><code>${escapeHtml(url)}</code><br>${escapeHtml(reason)} ${again(retryInMs)}</li>`,
  )
  return (rows.length === 0 ? '' : `<ul>${rows.join('')}</ul>`) + outputHtml(output)
}

/** The last lines of a process, as text. */
export function outputHtml(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<pre>${escapeHtml(lines.join('\n'))}</pre>`
}

function html(fault: GatewayFault, { app, requestId }: ErrorPageContext): string {
  const hint = fault.hint === undefined ? '' : `<div class="hint">${paragraphs(fault.hint)}</div>`
  const exit = fault.details?.exit ?? null
  const owner = app === null ? '' : `<dt>App</dt><dd>${escapeHtml(app)}</dd>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${fault.status} · Portico</title><style>${STYLE}</style></head>
<body><main><p class="status">${fault.status}</p><h1>${escapeHtml(fault.message)}</h1>${hint}${detailsHtml(fault)}
<dl>${owner}${exit === null ? '' : `<dt>Exit</dt><dd>${escapeHtml(exitText(exit))}</dd>`}<dt>Cause</dt><dd>${fault.code}</dd><dt>Request</dt><dd>${escapeHtml(requestId)}</dd></dl></main></body></html>
`
}

export const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d8dee4;--ground:#fff;--panel:#f6f8fa}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--ground:#0d1117;--panel:#161b22}}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:44rem;margin:12vh auto;padding:0 24px}
.status{margin:0;color:var(--soft);font-variant-numeric:tabular-nums}
h1{font-size:22px;line-height:1.3;font-weight:600;margin:4px 0 20px;overflow-wrap:anywhere}
.hint{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:4px 16px}
.hint p{margin:10px 0;white-space:pre-wrap;overflow-wrap:anywhere}
ul{margin:16px 0;padding:0;list-style:none;border:1px solid var(--line);border-radius:6px}
li{padding:8px 16px;overflow-wrap:anywhere}li+li{border-top:1px solid var(--line)}
pre{margin:16px 0;padding:12px 16px;overflow:auto;max-height:40vh;background:var(--panel);border:1px solid var(--line);border-radius:6px;font:13px/1.5 ui-monospace,monospace}
a{color:inherit}code{font:13px ui-monospace,monospace}
dl{display:grid;grid-template-columns:auto 1fr;gap:4px 16px;color:var(--soft);font-size:13px;margin-top:20px}
dd{margin:0;font-family:ui-monospace,monospace}`

/** One paragraph a line; addresses become links, and what is to be typed stands out. */
function paragraphs(text: string): string {
  return text
    .split('\n')
    .map((line) => `<p>${line.split(TOKEN).map(token).join('')}</p>`)
    .join('')
}

const TOKEN = /(https?:\/\/[^\s,]+|\b(?:portico|sudo) [^\n]+)/

function token(text: string): string {
  const safe = escapeHtml(text)
  if (/^https?:/.test(text)) return `<a href="${safe}">${safe}</a>`
  return TOKEN.test(text) ? `<code>${safe}</code>` : safe
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
