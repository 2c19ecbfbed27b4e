import type { Status } from '../../shared/contract.js'
import { httpsPortOf } from '../../shared/https-port.js'
import { shellQuote } from '../../shared/shell-quote.js'
import { commandWords } from './command-words.js'
import { plain } from './escape.js'
import { formatApps, formatListener, formatProblem } from './format-status.js'
import { styled } from './output.js'
import type { CommonOptions } from './program.js'

/**
 * What `serve` says once it serves: listeners, notes, the apps, the panel, and how clients come to trust the
 * certificates.
 *
 * @param panelUrl link to the panel that works once; null when there is no panel
 */
export function serveBanner(status: Status, options: CommonOptions, panelUrl: string | null): string[] {
  const { version, pid, listeners, warnings, apps } = status
  return [
    styled('bold', `Portico ${version} is running (process ${pid})`),
    ...listeners.map(formatListener),
    ...warnings.map((warning) => `${styled('yellow', 'Note:')} ${formatProblem(warning)}`),
    '',
    ...(apps.length === 0 ? firstSteps(options) : ['Apps:', ...formatApps(apps).map((line) => `  ${line}`)]),
    '',
    ...(panelUrl === null ? [] : panelAdvice(panelUrl, options)),
    ...trustAdvice(status, options),
  ]
}

function firstSteps(options: CommonOptions): string[] {
  return [
    'No apps yet. To serve the app that listens on port 3000 at https://shop.localhost, in another terminal:',
    `  ${commandWords(options)} app add shop --port 3000`,
  ]
}

function panelAdvice(url: string, options: CommonOptions): string[] {
  return [
    `Panel: ${styled('cyan', url)}`,
    `  The link works once, within five minutes. For another one: ${commandWords(options)} open`,
    '',
  ]
}

/** Trust is never changed by `serve` itself: these are for a person to run, once. */
function trustAdvice({ caFile, apps, listeners }: Status, options: CommonOptions): string[] {
  const port = httpsPortOf(listeners) ?? 443
  const url = apps.find(({ enabled }) => enabled)?.urls[0] ?? `https://shop.localhost${port === 443 ? '' : `:${port}`}`
  const file = shellQuote(caFile)
  return [
    `Certificates are signed by this machine's own CA: ${plain(caFile)}`,
    `To have this machine trust it, once: ${commandWords(options)} ca install`,
    `  or one client at a time, as: curl --cacert ${file} ${url}`,
  ]
}
