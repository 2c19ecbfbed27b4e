import type { Exchange } from '../../exchange.js'
import type { Decision } from '../decision.js'
import { TOOLBAR_SCRIPT } from './toolbar-script.js'

/** Where the toolbar's script is, below the app's own host; no app has files there. */
export const TOOLBAR_PATH = '/.portico/toolbar.js'
export const TOOLBAR_TAG = `<script src="${TOOLBAR_PATH}" defer></script>`

/** The toolbar's script, for the page that asks for it. */
export function answerToolbar({ appName, snapshot, clientAuthority, host }: Exchange): Decision {
  const { panel } = snapshot
  const port = clientAuthority.slice(host.length)
  const facts = { app: appName ?? 'Portico', panel: panel === null ? null : `https://${panel.host}${port}/` }
  return {
    kind: 'answer',
    status: 200,
    headers: ['Content-Type', 'text/javascript; charset=utf-8', 'Cache-Control', 'no-store'],
    body: `(${TOOLBAR_SCRIPT})(${JSON.stringify(facts)})\n`,
  }
}
