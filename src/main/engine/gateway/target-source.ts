import type { UpstreamTarget } from './upstream-target.js'

/** Where a target comes from that may have to be waited for, and may be replaced when it fails. */
export interface TargetSource {
  /** @throws GatewayFault when there will be none; ClientGone when nobody waits for it any more */
  first(): Promise<UpstreamTarget>
  /**
   * An attempt at a target has failed for good.
   *
   * @returns the target to go on with; null when there is none, or when repeating the request is not safe
   * @throws GatewayFault, ClientGone
   */
  after(failed: UpstreamTarget, thrown: unknown): Promise<UpstreamTarget | null>
}
