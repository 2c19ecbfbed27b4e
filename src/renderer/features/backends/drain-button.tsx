import type { BackendStatus } from '../../../shared/window-schemas.js'
import { call } from '../../bridge.js'
import { attempt } from '../../stores/toasts.js'
import { strings } from '../../strings.js'

const text = strings.backends

/** Takes a backend out of use: what is under way there ends, and nothing new is sent; or puts it back. */
export function DrainButton({ backend: { app, route, url, draining } }: { backend: BackendStatus }) {
  const hint = draining ? text.resumeHint(url) : text.drainHint(url)
  return (
    <button
      type="button"
      className="button small above"
      aria-label={hint}
      title={hint}
      onClick={() =>
        void attempt(async () => void (await call('backend.drain', { app, url, route, draining: !draining })))
      }
    >
      {draining ? text.resume : text.drain}
    </button>
  )
}
