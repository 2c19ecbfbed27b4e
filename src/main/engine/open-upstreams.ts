import type { EventEmitter } from 'node:events'
import path from 'node:path'
import type { EngineOptions } from './engine-options.js'
import { secretKeyIn } from './secret-key.js'
import { Upstreams } from './upstreams/upstreams.js'

/** The backends, none of which is asked anything yet. @param changed called when one turned healthy or unhealthy */
export function openUpstreams({ dataDir, log }: EngineOptions, events: EventEmitter, changed: () => void): Upstreams {
  return new Upstreams({
    changed,
    log,
    followed: () => events.listenerCount('backends') > 0,
    stickyKey: secretKeyIn(path.join(dataDir, 'sticky.key'), (err) =>
      log.warn({ err }, 'the key for sticky cookies cannot be saved: clients will change backends after a restart'),
    ),
  })
}
