import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { formatRelative } from '../../format.js'
import { showOutput } from '../../stores/processes.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { useNow } from '../../use-now.js'
import { shortReason } from '../backends/backend-reason.js'
import type { AppRow } from './app-rows.js'
import { exitText } from './process-look.js'
import { ProcessButton } from './process-tools.js'

const text = strings.processes

/** Why the process of an app is not there or does not answer, and the buttons that mend it. */
export function ProcessProblem({ row, status }: { row: AppRow; status: ProcessStatus }) {
  const { state } = status
  const sick = state === 'running' ? row.backends.find(({ health }) => health === 'unhealthy') : undefined
  if (!row.app.enabled) return null
  if (state === 'stopped') return <Stopped row={row} status={status} />
  if (state === 'failed' || state === 'backing-off') return <Broken row={row} status={status} />
  if (sick === undefined) return null
  return (
    <div className="note bad" role="alert">
      <strong>{text.notAnswering(row.app.name)}</strong>
      {sick.reason !== null && <span>{shortReason(row.app.name, sick.reason)}</span>}
      <div className="actions">
        <ProcessButton app={status.app} action="restart" primary />
        <ChangePort row={row} />
      </div>
    </div>
  )
}

function Stopped({ row, status }: { row: AppRow; status: ProcessStatus }) {
  return (
    <div className="note">
      <strong>{text.stopped(row.app.name)}</strong>
      {status.reason !== null && <span>{status.reason}</span>}
      <div className="actions">
        <ProcessButton app={status.app} action="start" word={text.startIt} />
        <ChangePort row={row} />
      </div>
    </div>
  )
}

/** It crashed, or could not be started. */
function Broken({ row, status }: { row: AppRow; status: ProcessStatus }) {
  const { app, state, exit, reason } = status
  const failed = state === 'failed'
  const now = useNow(exit !== null)
  return (
    <div className={failed ? 'note bad' : 'note warn'} role="alert">
      <strong>{failed ? text.failed(app) : text.crashed(app)}</strong>
      {reason !== null && !(exit !== null && tellsExit(reason, exit)) && <span>{reason}</span>}
      {/* What changes by the second is not read out by the second. */}
      {exit !== null && <Exit exit={exit} reason={reason} now={now} />}
      <div className="actions">
        <ProcessButton app={app} action="start" primary={failed} word={failed ? text.startAgain : text.startNow} />
        <button type="button" className="button small" onClick={() => showOutput(app)}>
          {text.showOutput}
        </button>
        <ChangePort row={row} />
      </div>
    </div>
  )
}

function Exit({ exit, reason, now }: { exit: Ended; reason: string | null; now: number }) {
  const when = formatRelative(exit.at, now)
  return (
    <>
      <span aria-live="off">
        {reason !== null && tellsExit(reason, exit) ? text.since(reason, when) : exitText(exit, now)}
      </span>
      {exit.lastLines.length > 0 && (
        <>
          <span className="soft">{text.lastLines}:</span>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <section className="last-lines mono" tabIndex={0} aria-label={text.lastLines}>
            {exit.lastLines.join('\n')}
          </section>
        </>
      )}
    </>
  )
}

type Ended = NonNullable<ProcessStatus['exit']>

/** Whether the reason says already how the process ended. */
function tellsExit(reason: string, { code, signal }: Ended): boolean {
  return reason.includes(signal ?? `code ${code}`)
}

/** Leads to the field of the port, or of the command where the port is chosen by Portico. */
function ChangePort({ row: { app } }: { row: AppRow }) {
  const show = useUi((state) => state.show)
  const fixed = typeof app.app.process?.port === 'number'
  return (
    <button
      type="button"
      className="button small"
      onClick={() => show({ kind: 'app-form', start: app.app, replaces: app.name, focus: fixed ? 'port' : 'command' })}
    >
      {fixed ? strings.apps.problem.changePort : text.changeProcess}
    </button>
  )
}
