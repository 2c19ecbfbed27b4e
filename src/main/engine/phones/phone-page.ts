import { createHash } from 'node:crypto'
import { escapeXml } from './escape-xml.js'

export interface PhonePageFacts {
  /** the CA, as the settings of the phone show it */
  name: string
  /** SHA-256, colon-separated hex */
  fingerprint: string
  /** it may vouch for names and addresses of local networks only */
  constrained: boolean
  /** the apps at addresses that a phone reaches; empty while there are none */
  apps: readonly { name: string; url: string }[]
  /** LAN mode is on */
  lan: boolean
  /** the phone's User-Agent: its own steps come first */
  userAgent: string
}

/** How to have a phone trust the local CA, step by step, as one page that needs nothing else. */
export function phonePage(facts: PhonePageFacts): string {
  const android = /android/i.test(facts.userAgent)
  const iphone = !android && /iphone|ipad|macintosh/i.test(facts.userAgent)
  const parts = [appleSteps(facts, !android), androidSteps(!iphone)]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Portico: trust on this phone</title><style>${STYLE}</style></head>
<body><main>
<h1>Have this phone trust Portico</h1>
<p>Then the apps on your computer open here without a warning.</p>
${(android ? parts.toReversed() : parts).join('\n')}
${check(facts)}
<section><h2>What this changes</h2>
<p>The phone accepts certificates that your computer signs.${facts.constrained ? ' They can only be for names such as <b>.localhost</b>, <b>.test</b> and <b>.local</b>, for domains that you added, and for private addresses: not for other web sites.' : ' Take it off again when you are done: this certificate may vouch for every web site.'}</p>
<p>Compare the fingerprint with the one that Portico shows on your computer, in the details of the certificate before you install it:</p>
<p class="fingerprint">${fingerprintLines(facts.fingerprint)}</p>
</section>
</main></body></html>
`
}

function appleSteps({ name }: PhonePageFacts, open: boolean): string {
  return steps('iPhone and iPad', open, [
    '<a class="button" href="portico.mobileconfig">Get the profile</a><br>Use Safari, and tap <b>Allow</b>.',
    'Open <b>Settings</b> and tap <b>Profile Downloaded</b>. If it is not there: <b>General</b>, <b>VPN &amp; Device Management</b>.',
    `Tap <b>Install</b>, enter your passcode, and tap <b>Install</b> again. “Not Signed” is as it should be.`,
    `Go to <b>Settings</b>, <b>General</b>, <b>About</b>, <b>Certificate Trust Settings</b>, and switch on <b>${escapeXml(name)}</b>. Without this step nothing changes.`,
  ])
}

function androidSteps(open: boolean): string {
  return steps(
    'Android',
    open,
    [
      '<a class="button" href="portico-ca.crt">Download the certificate</a>',
      'Open <b>Settings</b> and search for <b>CA certificate</b>. Often: <b>Security &amp; privacy</b>, <b>More security settings</b>, <b>Encryption &amp; credentials</b>, <b>Install a certificate</b>.',
      'Choose <b>CA certificate</b>, tap <b>Install anyway</b>, and confirm with your PIN.',
      'Choose the file <b>portico-ca.crt</b> among the downloads.',
    ],
    '<p class="soft">Chrome uses it at once. Firefox: tap the logo in <b>About Firefox</b> five times, then <b>Settings</b>, <b>Secret Settings</b>, <b>Use third party CA certificates</b>. Other apps use it only if their developer allows that.</p>',
  )
}

function steps(title: string, open: boolean, items: readonly string[], more = ''): string {
  return `<details${open ? ' open' : ''}><summary><h2>${title}</h2></summary>
<ol>${items.map((item) => `<li>${item}</li>`).join('\n')}</ol>${more}</details>`
}

/** An app that opens without a warning is the proof. */
function check({ apps, lan }: PhonePageFacts): string {
  const [first] = apps
  if (first === undefined) {
    const why = lan
      ? 'There are no apps yet. Add one on your computer, and load this page again.'
      : 'The apps are not open to this network yet. Turn on LAN mode on your computer, and load this page again.'
    return `<section><h2>Check</h2><p>${why}</p></section>`
  }
  const links = apps.map(
    ({ name, url }) =>
      `<li><a href="${escapeXml(url)}">${escapeXml(name)}</a><br><span class="soft">${escapeXml(url)}</span></li>`,
  )
  return `<section><h2>Check</h2>
<p><a class="button" href="${escapeXml(first.url)}">Open ${escapeXml(first.name)}</a></p>
<p>If it opens without a warning, this phone is ready. Your apps:</p><ul>${links.join('\n')}</ul></section>`
}

function fingerprintLines(fingerprint: string): string {
  const bytes = fingerprint.split(':')
  const rows = Array.from({ length: Math.ceil(bytes.length / 8) }, (_, row) => bytes.slice(row * 8, row * 8 + 8))
  return rows.map((row) => escapeXml(row.join(' '))).join('<br>')
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#59636e;--line:#d8dee4;--ground:#fff;--panel:#f6f8fa;--accent:#0b5cad;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9198a1;--line:#30363d;--ground:#0d1117;--panel:#161b22;--accent:#6cb0ff;--on:#0d1117}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:17px/1.5 system-ui,sans-serif;-webkit-text-size-adjust:100%}
main{max-width:34rem;margin:0 auto;padding:24px 20px 48px}
h1{font-size:26px;line-height:1.25;margin:8px 0 12px}
h2{font-size:19px;line-height:1.3;margin:0}
p{margin:10px 0;overflow-wrap:anywhere}
details,section{margin-top:16px;padding:14px 16px;background:var(--panel);border:1px solid var(--line);border-radius:12px}
summary{min-height:28px;cursor:pointer}summary h2{display:inline}
ol,section ul{margin:14px 0 4px;padding-left:26px}section ul{padding:0;list-style:none}
li{margin:12px 0;overflow-wrap:anywhere}
a{color:var(--accent)}
.button{display:inline-block;min-height:44px;margin:2px 0 6px;padding:9px 18px;border-radius:10px;background:var(--accent);color:var(--on);font-weight:600;text-decoration:none}
.soft{color:var(--soft);font-size:15px}
.fingerprint{font:15px/1.6 ui-monospace,Menlo,monospace}`

/** Nothing from anywhere but this style. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
