import type { AppStatus } from '../../../shared/contract.js'
import type { BackendStatus } from '../../../shared/window-schemas.js'
import { Mark } from '../../components/mark.js'
import { strings } from '../../strings.js'

/** The state of an app: the worst that is known of its backends. */
export function AppHealth({ app, backends }: { app: AppStatus; backends: readonly BackendStatus[] }) {
  const own = backends.filter((backend) => backend.app === app.name)
  if (!app.enabled) return <BackendHealth health="disabled" />
  const sick = own.find(({ health }) => health === 'unhealthy')
  if (sick !== undefined) return <BackendHealth health="unhealthy" reason={sick.reason} />
  if (own.length === 0) return <BackendHealth health="ready" />
  return <BackendHealth health={own.some(({ health }) => health === 'healthy') ? 'healthy' : 'unknown'} />
}

/** The state of a backend. @param reason why it is unhealthy, shown on hover */
export function BackendHealth({ health, reason = null }: { health: Health; reason?: string | null }) {
  const [shape, tone] = LOOKS[health]
  return (
    <Mark shape={shape} tone={tone} title={reason ?? undefined}>
      {strings.health[health]}
    </Mark>
  )
}

type Health = keyof typeof strings.health

const LOOKS = {
  healthy: ['disc', 'good'],
  ready: ['disc', 'good'],
  unknown: ['half', 'faint'],
  unhealthy: ['triangle', 'bad'],
  disabled: ['ring', 'faint'],
} as const
