import type { Step } from '../../shared/plan.js'
import { shellQuote } from '../../shared/shell-quote.js'
import type { TrustAction, TrustOutcome, TrustPlan, TrustStatus, TrustStoreStatus } from '../../shared/trust-schemas.js'
import { plain } from './escape.js'
import { styled } from './output.js'

const COLOURS = { trusted: 'green', untrusted: 'red', stale: 'yellow', absent: 'dim', unknown: 'yellow' } as const

/** The CA, and a line for each store. */
export function formatTrust({ fingerprint, notAfter, constraints, stores }: TrustStatus): string[] {
  const may =
    constraints === null ? 'every name' : constraints.permitted.filter((name) => !/^(email|uri):/.test(name)).join(', ')
  return [
    `Local CA ${fingerprint}`,
    `  until ${notAfter.slice(0, 10)}; may vouch for ${plain(may)}`,
    '',
    ...stores.flatMap((store) => storeLines(store, Math.max(...stores.map(({ id }) => id.length)))),
  ]
}

/** What would be done, store by store. */
export function formatPlan({ stores, elevated }: TrustPlan): string[] {
  return [
    ...stores.flatMap(({ id, title, plan }) => [
      `${styled('bold', plain(title))} (${plain(id)})`,
      ...plan.steps.flatMap((step) => stepLines(step).map((line) => `  ${line}`)),
    ]),
    ...(elevated && process.getuid?.() !== 0 ? ['An administrator has to approve, once.'] : []),
  ]
}

/** What came of it, store by store. */
export function formatOutcome(action: TrustAction, { stores }: TrustOutcome): string[] {
  const width = Math.max(0, ...stores.map(({ id }) => id.length))
  return stores.flatMap(({ id, outcome, status }) => {
    const done = outcome.state === 'done'
    const word = done ? styled('green', DONE[action]) : styled('red', outcome.state)
    const detail = outcome.message === '' ? status.detail : outcome.message
    return [`${plain(id.padEnd(width))}  ${word}`, ...(detail === '' ? [] : [`  ${plain(detail)}`])]
  })
}

const DONE: Record<TrustAction, string> = {
  install: 'trusted',
  uninstall: 'removed',
  clean: 'removed',
  replace: 'replaced',
}

function storeLines({ id, title, state, detail, optional }: TrustStoreStatus, width: number): string[] {
  const asked = optional && state === 'untrusted' ? ' (only when named with --store)' : ''
  const line = `${plain(id.padEnd(width))}  ${styled(COLOURS[state], state.padEnd(9))}  ${plain(title)}${asked}`
  return [line, ...(detail === '' ? [] : [`  ${plain(detail)}`])]
}

export function stepLines(step: Step): string[] {
  if (step.kind === 'note') return [`note: ${plain(step.text)}`]
  const who = step.elevated ? 'as administrator: ' : ''
  return [`${who}${plain(deed(step))}`, `    ${plain(step.why)}`]
}

function deed(step: Exclude<Step, { kind: 'note' }>): string {
  switch (step.kind) {
    case 'command':
      return `run ${[step.program, ...step.args].map(shellQuote).join(' ')}`
    case 'write-file':
      return `write ${step.path}`
    case 'remove-file':
      return `remove ${step.path}`
    case 'make-directory':
      return `make the folder ${step.path}`
  }
}
