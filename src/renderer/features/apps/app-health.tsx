import { Mark } from '../../components/mark.js'
import { strings } from '../../strings.js'
import type { Health } from './app-rows.js'

/** The state of an app or a backend. @param reason why it is unhealthy, shown on hover */
export function HealthMark({ health, reason = null }: { health: Health; reason?: string | null }) {
  const [shape, tone] = LOOKS[health]
  return (
    <Mark shape={shape} tone={tone} title={reason ?? undefined}>
      {strings.health[health]}
    </Mark>
  )
}

const LOOKS = {
  healthy: ['disc', 'good'],
  ready: ['disc', 'good'],
  unknown: ['half', 'faint'],
  unhealthy: ['triangle', 'bad'],
  disabled: ['ring', 'faint'],
} as const
