import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { Mark } from '../../components/mark.js'
import { useNow } from '../../use-now.js'
import { processLook } from './process-look.js'

/** The state of a process. @param sick why it is unhealthy although it runs; null when it is not */
export function ProcessMark({ status, sick = null }: { status: ProcessStatus; sick?: string | null }) {
  const now = useNow(status.state === 'backing-off')
  const { shape, tone, word } = processLook(status, sick !== null, now)
  return (
    <Mark shape={shape} tone={tone} title={sick ?? status.reason ?? word}>
      {word}
    </Mark>
  )
}
