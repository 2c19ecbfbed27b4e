import type { Readable } from 'node:stream'

/** A directory to serve from. */
export interface StaticRoot {
  /** absolute */
  dir: string
  /** answer navigations to what does not exist with the root's index.html */
  spa: boolean
}

export interface StaticRequest {
  method: string
  /** path of the request target, still percent-encoded, without query, after a prefix was stripped; empty means the root */
  path: string
  /** path as the client sent it, when it differs from `path`: redirects are relative to it */
  publicPath?: string | undefined
  /** without the question mark; kept on redirects */
  query?: string | undefined
  /** first value of a request field by lower-case name */
  header(name: string): string | undefined
}

export interface StaticReply {
  status: number
  /** lower-case names, in sending order */
  headers: [name: string, value: string][]
  /** null: no body is to be sent, or, from status 400 up, the caller writes an error page */
  body: Readable | Buffer | null
  /** a sentence for the error page, without final stop; may name the directory, never a stack */
  reason?: string
  /** releases the file when the body is not consumed to its end; may be called at any time, more than once */
  dispose(): Promise<void> | void
}

/** A reply without body. */
export function bodiless(status: number, headers: StaticReply['headers'] = [], reason?: string): StaticReply {
  return { status, headers, body: null, ...(reason === undefined ? {} : { reason }), dispose: () => undefined }
}

/** The reply to whatever a file operation threw. */
export function failureReply(error: unknown): StaticReply {
  const { status, reason } = describeFailure(error)
  return bodiless(status, status === 503 ? [['retry-after', '1']] : [], reason)
}

/** What a failed file operation means to a client. Errors that are no file system's are thrown again. */
export function describeFailure(error: unknown): { status: 403 | 404 | 503; reason: string } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code !== 'string') throw error
  if (NOT_THERE.has(code)) return { status: 404, reason: 'there is no such file' }
  if (FORBIDDEN.has(code)) return { status: 403, reason: `the gateway is not permitted to read the file (${code})` }
  if (code === 'ELOOP') return { status: 403, reason: 'the symbolic links of the path lead in a circle (ELOOP)' }
  if (code === 'ENXIO') return { status: 403, reason: NOT_A_FILE }
  if (EXHAUSTED.has(code)) return { status: 503, reason: `the gateway has no file handle or memory left (${code})` }
  return { status: 503, reason: `the file cannot be read at the moment (${code})` }
}

export const NOT_A_FILE = 'it is not a regular file'

const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'EINVAL'])
const FORBIDDEN = new Set(['EACCES', 'EPERM'])
const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOMEM'])
