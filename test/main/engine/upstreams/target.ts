import type { UpstreamRoute } from '../../../../src/main/engine/upstreams/places.js'
import type { BackendSpec, Target } from '../../../../src/main/engine/upstreams/target.js'

export const CLIENT = { client: '127.0.0.1', sticky: null }
export const NONE: ReadonlySet<object> = new Set()

export function spec(url: string, more: Partial<BackendSpec> = {}): BackendSpec {
  return { url, weight: 1, caFile: null, serverName: null, insecure: false, ...more }
}

/** A target with every default of the config. */
export function target(backends: (string | BackendSpec)[], more: Partial<Target> = {}): Target {
  return {
    backends: backends.map((backend) => (typeof backend === 'string' ? spec(backend) : backend)),
    balance: 'round-robin',
    preserveHost: null,
    sticky: null,
    connections: { max: 1024, idleMs: 4_000 },
    health: null,
    passive: { failures: 3, errorRate: Number.POSITIVE_INFINITY, windowMs: 30_000, cooldownMs: 5_000 },
    breaker: null,
    retry: { budget: 0.2 },
    ...more,
  }
}

/** A backend as the gateway holds it. */
export interface Handle {
  readonly backend: { url: string }
  dispatch(options: never, handler: never): () => void
  begin(): void
  answered(status: number): void
  failed(kind: 'dial' | 'answer', reason: string): void
  release(): void
}

/**
 * Sends a GET and tells what came of it.
 *
 * @returns the status, or the error's message; and whether the connection had been used before
 */
export function send(
  handle: Pick<Handle, 'dispatch'>,
  path = '/',
): Promise<{ result: number | string; reused: boolean }> {
  return new Promise((resolve) => {
    let status = 0
    const handler = {
      reusedConnection: false,
      onRequestStart: () => {},
      onResponseStart: (_controller: unknown, code: number) => {
        status = code
      },
      onResponseData: () => {},
      onResponseEnd: () => resolve({ result: status, reused: handler.reusedConnection }),
      onResponseError: (_controller: unknown, error: Error) =>
        resolve({ result: error.message, reused: handler.reusedConnection }),
    }
    handle.dispatch({ method: 'GET', path, headers: [], body: null } as never, handler as never)
  })
}

/** A route of an app named "shop". */
export function route(to: Target | null, more: Partial<UpstreamRoute> = {}): UpstreamRoute {
  const route = { app: 'shop', enabled: true, route: '/', host: 'shop.localhost', connectTimeoutMs: 1_000, target: to }
  return { ...route, ...more }
}

/** One attempt as the gateway makes it. */
export function attempt(handle: Handle | null, end: (handle: Handle) => void = (one) => one.answered(200)): string {
  if (handle === null) return 'none'
  handle.begin()
  end(handle)
  handle.release()
  return handle.backend.url
}
