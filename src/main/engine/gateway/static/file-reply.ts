import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { Fault } from '../../../../shared/fault.js'
import { evaluateConditions, rangeStillApplies, type Validators } from './conditional.js'
import { FileSlices, readRange, type Slice } from './file-slices.js'
import { formatHttpDate } from './http-date.js'
import type { Coding } from './negotiate-encoding.js'
import type { OpenFile } from './open-inside.js'
import { type ByteRange, contentRange, judgeRange } from './range.js'
import { bodiless, type StaticReply, type StaticRequest } from './reply.js'

/** The representation selected for a request. */
export interface Representation {
  file: OpenFile
  coding: Coding
  contentType: string
  /** value of Vary */
  vary: string
}

type Headers = StaticReply['headers']

/** A body up to this size is read at once and needs no stream. */
const IN_MEMORY = 64 * 1024

/**
 * Turns an open file into the reply to a GET or HEAD: preconditions first, then ranges, over the bytes of the selected
 * coding (RFC 9110 section 13.2.2). Takes over the handle: it is closed, or owned by the reply's body.
 * @param now milliseconds since the epoch
 */
export async function fileReply(selected: Representation, request: StaticRequest, now: number): Promise<StaticReply> {
  const { handle } = selected.file
  try {
    const reply = await decide(selected, request, now)
    if (!(reply.body instanceof FileSlices)) await handle.close()
    return reply
  } catch (error) {
    await handle.close()
    if (error instanceof Fault) return bodiless(503, [['retry-after', '1']], error.message)
    throw error
  }
}

async function decide(selected: Representation, request: StaticRequest, now: number): Promise<StaticReply> {
  const validators = validatorsOf(selected, now)
  const size = Number(selected.file.stats.size)
  const common: Headers = [
    ['etag', validators.etag],
    ['last-modified', formatHttpDate(validators.lastModified)],
    ['cache-control', 'no-cache'],
    ['vary', selected.vary],
  ]
  const verdict = evaluateConditions((name) => request.header(name), validators, now)
  if (verdict === 'not-modified') return bodiless(304, common)
  if (verdict === 'precondition-failed') return bodiless(412, [], 'the file is not the one the client expects')

  const described: Headers = [...common, ['x-content-type-options', 'nosniff'], ['accept-ranges', 'bytes']]
  if (selected.coding !== 'identity') described.push(['content-encoding', selected.coding])
  const plain: Headers = [['content-type', selected.contentType], ...described]
  if (request.method === 'HEAD') return bodiless(200, [...plain, ['content-length', String(size)]])

  const ranges = requestedRanges(request, validators, size, now)
  if (ranges === 'unsatisfiable') {
    return bodiless(416, [['content-range', contentRange(null, size)]], `the file has ${size} bytes`)
  }
  const [first, ...others] = ranges ?? []
  if (first === undefined) return withBody(200, plain, selected, size === 0 ? [] : [{ start: 0, end: size - 1 }])
  if (others.length === 0) {
    return withBody(206, [...plain, ['content-range', contentRange(first, size)]], selected, [first])
  }
  const multipart = multipartOf([first, ...others], selected.contentType, size)
  return withBody(206, [['content-type', multipart.contentType], ...described], selected, multipart.slices)
}

function requestedRanges(
  request: StaticRequest,
  validators: Validators,
  size: number,
  now: number,
): ByteRange[] | null | 'unsatisfiable' {
  const field = request.header('range')
  if (field === undefined || !rangeStillApplies(request.header('if-range'), validators, now)) return null
  const verdict = judgeRange(field, size)
  if (verdict.kind === 'unsatisfiable') return 'unsatisfiable'
  return verdict.kind === 'partial' ? verdict.ranges : null
}

/** RFC 9110 section 14.6; the Content-Length counts delimiters and part headers too. */
function multipartOf(ranges: ByteRange[], contentType: string, size: number): { contentType: string; slices: Slice[] } {
  const boundary = randomBytes(16).toString('hex')
  const slices = ranges.flatMap((range, index): Slice[] => [
    Buffer.from(
      `${index === 0 ? '' : '\r\n'}--${boundary}\r\ncontent-type: ${contentType}\r\n` +
        `content-range: ${contentRange(range, size)}\r\n\r\n`,
    ),
    range,
  ])
  slices.push(Buffer.from(`\r\n--${boundary}--\r\n`))
  return { contentType: `multipart/byteranges; boundary=${boundary}`, slices }
}

async function withBody(
  status: 200 | 206,
  headers: Headers,
  { file }: Representation,
  slices: Slice[],
): Promise<StaticReply> {
  const length = slices.reduce((sum, slice) => sum + lengthOf(slice), 0)
  const complete: Headers = [...headers, ['content-length', String(length)]]
  if (length <= IN_MEMORY) {
    return { ...bodiless(status, complete), body: await gathered(file.handle, slices) }
  }
  const body = new FileSlices(file.handle, slices)
  return { status, headers: complete, body, dispose: () => closed(body) }
}

async function gathered(handle: FileHandle, slices: Slice[]): Promise<Buffer> {
  const parts: Buffer[] = []
  for (const slice of slices) parts.push(Buffer.isBuffer(slice) ? slice : await readRange(handle, slice))
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function closed(body: FileSlices): Promise<void> {
  return new Promise((resolve) => {
    if (body.closed) return resolve()
    body.once('close', resolve)
    body.destroy()
  })
}

function lengthOf(slice: Slice): number {
  return Buffer.isBuffer(slice) ? slice.length : slice.end - slice.start + 1
}

/**
 * The inode tells replaced files apart, the change time files whose modification time was set back; the coding makes
 * the tag strong per variant (RFC 9110 section 8.8.3.3). Last-Modified never lies ahead of Date (section 8.8.2.1).
 */
function validatorsOf({ file: { stats }, coding }: Representation, now: number): Validators {
  const identity = [stats.mtimeNs, stats.ctimeNs, stats.size, stats.ino].map((part) => part.toString(36)).join('-')
  const modified = Math.min(Number(stats.mtimeNs / 1_000_000n), now)
  return {
    etag: `"${identity}${coding === 'identity' ? '' : `-${coding}`}"`,
    lastModified: Math.floor(modified / 1000) * 1000,
  }
}
