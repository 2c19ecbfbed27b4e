import type { RawHeaders } from './headers.js'

/** A request of the gateway's own, on behalf of a policy. */
export interface SubRequest {
  /** an app by its name, on this gateway; or an origin such as `http://127.0.0.1:8000` */
  to: { app: string } | { origin: string }
  method: string
  /** path and query */
  target: string
  /** as they are to be sent, Host aside */
  headers: RawHeaders
  /** the Host; the app's first host, or that of the origin, without */
  host?: string
  body?: Uint8Array
  /** milliseconds for the whole of it */
  timeoutMs: number
  /** bytes of the answer's body that are kept; the rest is read and forgotten */
  maxBytes: number
  signal?: AbortSignal
}

export interface SubResponse {
  status: number
  headers: RawHeaders
  body: Buffer
}

/** Sends requests of the gateway's own. */
export interface SubRequests {
  /** @throws GatewayFault when there is no such app, no backend that can be asked, or no whole answer in time */
  send(request: SubRequest): Promise<SubResponse>
}
