import type { ProcessStatus } from '../../../shared/window-schemas.js'
import type { UpstreamTarget } from './upstream-target.js'

/** What the request path needs of the apps' processes; the supervisor provides it. */
export interface AppProcesses {
  /**
   * Where requests for an app's process go now. The same object as long as the process runs on the same port, so that
   * what is known of the backend stays with it.
   *
   * @returns null unless the process is ready
   */
  target(app: string): UpstreamTarget | null
  /**
   * Starts the process if a request may start it, and waits until it is ready.
   *
   * @param signal gives up waiting; the process goes on starting
   * @throws Fault when it cannot be started, is not to be started by a request, or did not become ready in time
   */
  ready(app: string, signal: AbortSignal): Promise<UpstreamTarget>
  /** How the process is. @returns null for an app without */
  status(app: string): ProcessStatus | null
  /** A request for the app has begun: it is not idle until `leave`. */
  enter(app: string): void
  leave(app: string): void
}
