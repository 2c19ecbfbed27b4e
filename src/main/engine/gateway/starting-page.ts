import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { escapeHtml, fields, HTML_POLICY, outputHtml, STYLE } from './error-page.js'
import type { Exchange } from './exchange.js'
import { headerValue, type RawHeaders } from './headers.js'

/** As much of a former run's output as is shown. */
const SHOWN_LINES = 10

/** Whether somebody looks at a window in which a page could tell what is going on. */
export function isNavigation({ method, headers }: Pick<Exchange, 'method' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (headerValue(headers, 'accept')?.toLowerCase().includes('text/html') !== true) return false
  return (headerValue(headers, 'sec-fetch-mode') ?? 'navigate') === 'navigate'
}

/**
 * A page for the time until an app's process is ready; it loads itself again every second.
 *
 * @param status null for somebody who is not on this machine: command and output are nobody else's business
 * @param now milliseconds since the epoch
 */
export function startingPage(
  app: string,
  status: ProcessStatus | null,
  now: number,
): { headers: RawHeaders; body: string } {
  const headers = [...fields('text/html; charset=utf-8', HTML_POLICY), 'Refresh', '1', 'Retry-After', '1']
  return { headers, body: html(app, status, now) }
}

function html(app: string, status: ProcessStatus | null, now: number): string {
  const lines = status?.exit?.lastLines.slice(-SHOWN_LINES) ?? []
  const before = lines.length === 0 ? '' : `<p class="status">It said before it ended:</p>${outputHtml(lines)}`
  const command = status === null ? '' : `<dt>Command</dt><dd>${escapeHtml(status.command)}</dd>`
  const since = sinceText(status, now)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>${escapeHtml(app)} is starting · Portico</title><style>${STYLE}${MOTION}</style></head>
<body><main><p class="status">Portico</p><h1>${escapeHtml(app)} is starting<span class="dots" aria-hidden="true"></span></h1>
<div class="hint"><p>${escapeHtml(stateText(app, status))}</p><p>This page goes on to ${escapeHtml(app)} by itself.</p></div>${before}
<dl>${command}${since === null ? '' : `<dt>Started</dt><dd>${since} ago</dd>`}</dl></main></body></html>
`
}

const MOTION = `
.dots{display:inline-block;width:8px;height:8px;margin-left:12px;border-radius:50%;background:var(--soft);vertical-align:middle}
@media (prefers-reduced-motion:no-preference){.dots{animation:pulse 1s ease-in-out infinite}}
@keyframes pulse{50%{opacity:.2}}`

function stateText(app: string, status: ProcessStatus | null): string {
  if (status?.state === 'waiting' && status.waitingFor !== null) return `It waits for ${status.waitingFor} first.`
  if (status?.state === 'backing-off') return `${status.reason ?? 'It crashed.'} It is started again in a moment.`
  return `Its process has been started, and ${app} does not answer yet.`
}

function sinceText(status: ProcessStatus | null, now: number): string | null {
  if (status === null || status.startedAt === null) return null
  const seconds = Math.max(0, Math.round((now - Date.parse(status.startedAt)) / 1_000))
  return seconds === 1 ? '1 second' : `${seconds} seconds`
}
