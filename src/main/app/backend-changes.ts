import type { BackendStatus } from '../../shared/window-schemas.js'

export interface Notice {
  title: string
  body: string
}

/**
 * What to tell a person who does not look at the window: backends that went down and those that came back. What was
 * down already when Portico began to look is no news.
 *
 * @param before null before the first look
 */
export function backendNotices(before: readonly BackendStatus[] | null, after: readonly BackendStatus[]): Notice[] {
  if (before === null) return []
  const known = new Map(before.map((backend) => [keyOf(backend), backend.health]))
  return after.flatMap((backend) => {
    const was = known.get(keyOf(backend))
    if (was !== undefined && was !== 'unhealthy' && backend.health === 'unhealthy') return [down(backend)]
    return was === 'unhealthy' && backend.health === 'healthy' ? [recovered(backend)] : []
  })
}

function keyOf({ app, route, url }: BackendStatus): string {
  return JSON.stringify([app, route, url])
}

function down({ app, url, reason }: BackendStatus): Notice {
  return { title: `${app} is not answering`, body: [reason, url].filter((part) => part !== null).join(' ') }
}

function recovered({ app, url }: BackendStatus): Notice {
  return { title: `${app} answers again`, body: url }
}
