import type { DiscoveredPort } from '../../../shared/window-schemas.js'
import { switchPort } from '../../stores/app-actions.js'
import { usePorts } from '../../stores/feeds.js'
import { useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { shortReason } from '../backends/backend-reason.js'
import type { AppRow } from './app-rows.js'
import { likelyPort } from './likely-port.js'
import { ProcessProblem } from './process-problem.js'

const text = strings.apps.problem

/** Why an app does not answer, and the buttons that mend it. */
export function AppProblem({ row }: { row: AppRow }) {
  return row.process === null ? <BackendProblem row={row} /> : <ProcessProblem row={row} status={row.process} />
}

function BackendProblem({ row: { app, backends } }: { row: AppRow }) {
  const ports = usePorts().data ?? []
  const sick = backends.filter(({ health }) => health === 'unhealthy')
  if (!app.enabled || sick.length === 0) return null
  return (
    <div className="note bad" role="alert">
      <strong>{sick.length === backends.length ? text.none(app.name) : text.some(sick.length, backends.length)}</strong>
      {sick.map((backend) => (
        <span key={backend.route + backend.url}>
          {backend.reason === null ? text.unknown(backend.url) : shortReason(app.name, backend.reason)}
        </span>
      ))}
      <Remedies app={app} likely={likelyPort(app, ports)} />
    </div>
  )
}

function Remedies({ app, likely }: { app: AppRow['app']; likely: DiscoveredPort | null }) {
  const { show } = useUi()
  const byPort = app.app.port !== undefined
  const edit = (focus: 'port' | 'backends') => show({ kind: 'app-form', start: app.app, replaces: app.name, focus })
  return (
    <div className="actions">
      {likely !== null && (
        <button
          type="button"
          className="button small primary"
          title={likely.folder ?? undefined}
          onClick={() => void switchPort(app, likely.port)}
        >
          {text.use(likely.port, likely.framework)}
        </button>
      )}
      <button type="button" className="button small" onClick={() => edit(byPort ? 'port' : 'backends')}>
        {byPort ? text.changePort : text.changeBackends}
      </button>
    </div>
  )
}
