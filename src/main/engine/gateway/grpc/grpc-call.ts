/** What there is to know of a gRPC call while it is under way. */
export interface GrpcCall {
  /** when its caller gives it up, in performance.now() milliseconds; Infinity when it has not said */
  readonly deadlineAt: number
  /** the head of an answer has gone out, and its trailers have not */
  open: boolean
}
