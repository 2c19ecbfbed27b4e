import { realpath, stat } from 'node:fs/promises'
import { contentTypeOf } from './content-type.js'
import { fileReply } from './file-reply.js'
import { type Opened, type OpenFile, openInside } from './open-inside.js'
import {
  bodiless,
  describeFailure,
  failureReply,
  type StaticReply,
  type StaticRequest,
  type StaticRoot,
} from './reply.js'
import { decodeSegment, type ResolvedPath, resolvePath } from './resolve-path.js'
import { selectVariant } from './select-variant.js'
import { acceptsHtml, wantsPage } from './wants-page.js'

export type { StaticReply, StaticRequest, StaticRoot } from './reply.js'

const ALLOW = 'GET, HEAD, OPTIONS'
const INDEX = 'index.html'

/**
 * Answers a request from a directory: files, index.html of directories and, for an SPA, of the root; preconditions,
 * ranges and precompressed siblings (RFC 9110). Bad requests and unreadable files are replies from status 400 up with
 * a `reason` and no body; nothing of the kind is thrown. The caller consumes `body` or calls `dispose`.
 */
export async function serveStatic(root: StaticRoot, request: StaticRequest): Promise<StaticReply> {
  if (request.method === 'OPTIONS') return bodiless(204, [['allow', ALLOW]])
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return bodiless(405, [['allow', ALLOW]], `files cannot be the target of ${printable(request.method)}`)
  }
  const target = resolvePath(request.path)
  if (target.kind === 'refused') return bodiless(target.status, [], target.reason)
  try {
    const real = await realRoot(root.dir)
    if (typeof real !== 'string') return real
    return await answer(real, root.spa, target, request)
  } catch (error) {
    return failureReply(error)
  }
}

/** The real path of the root, or the reply that says why there is none. */
async function realRoot(dir: string): Promise<string | StaticReply> {
  try {
    return await realpath(dir)
  } catch (error) {
    const { status, reason } = describeFailure(error)
    if (status === 404) return bodiless(404, [], `the directory ${dir} does not exist`)
    return bodiless(status, [], `the directory ${dir} cannot be read: ${reason}`)
  }
}

async function answer(
  root: string,
  spa: boolean,
  target: Exclude<ResolvedPath, { kind: 'refused' }>,
  request: StaticRequest,
): Promise<StaticReply> {
  const found: Found = target.kind === 'path' ? await find(root, target) : { kind: 'missing' }
  if (found.kind === 'file') {
    const location = found.ofDirectory ? slashRedirect(request) : null
    if (location === null) return send(root, found, request, 'accept-encoding')
    await found.file.handle.close()
    return location
  }
  if (found.kind === 'refused') return bodiless(found.status, [], found.reason)
  if (spa && navigates(target, request)) {
    const index = await openInside(root, [INDEX])
    // Whether this or a 404 is the answer hangs on these fields.
    const vary = 'accept-encoding, accept, sec-fetch-dest'
    if (index.kind === 'file') return send(root, { file: index.file, segments: [INDEX] }, request, vary)
    if (index.kind === 'refused') return bodiless(index.status, [], index.reason)
  }
  return bodiless(404, spa ? [['vary', 'accept, sec-fetch-dest']] : [], await missingReason(root, target))
}

type Found =
  | { kind: 'file'; file: OpenFile; segments: string[]; ofDirectory: boolean }
  | Exclude<Opened, { kind: 'file' | 'directory' }>

/** A directory stands for its index.html, and without one for nothing. */
async function find(root: string, { segments, directory }: { segments: string[]; directory: boolean }): Promise<Found> {
  if (!directory) {
    const opened = await openInside(root, segments)
    if (opened.kind === 'file') return { ...opened, segments, ofDirectory: false }
    if (opened.kind !== 'directory') return opened
  }
  const inner = [...segments, INDEX]
  const opened = await openInside(root, inner)
  if (opened.kind === 'file') return { ...opened, segments: inner, ofDirectory: true }
  return opened.kind === 'directory' ? { kind: 'missing' } : opened
}

/**
 * Relative links of a page work only below its slash. The Location is relative too ("./name/"), which keeps the host
 * and a stripped prefix and cannot become another origin. Null when the client's path has its slash already.
 */
function slashRedirect({ path, publicPath = path, query }: StaticRequest): StaticReply | null {
  if (publicPath === '' || publicPath.endsWith('/')) return null
  const name = decodeSegment(publicPath.slice(publicPath.lastIndexOf('/') + 1))
  if (name === null || name === '.' || name === '..') return null
  const search =
    query === undefined || query === '' ? '' : `?${query.toWellFormed().replace(NOT_IN_A_QUERY, encodeURIComponent)}`
  // Not cached for good: during development a directory may well become a file or a route.
  return bodiless(308, [
    ['location', `./${encodeURIComponent(name)}/${search}`],
    ['cache-control', 'no-cache'],
  ])
}

const NOT_IN_A_QUERY = /[^\x21-\x7e]/gu

async function send(
  root: string,
  { file, segments }: { file: OpenFile; segments: string[] },
  request: StaticRequest,
  vary: string,
): Promise<StaticReply> {
  const variant = await selectVariant(root, segments, file, request.header('accept-encoding'))
  if (variant === null) return bodiless(406, [['vary', vary]], 'the file exists in no coding that the client accepts')
  return fileReply({ ...variant, contentType: contentTypeOf(segments.at(-1)!), vary }, request, Date.now())
}

/** A name that no file can have may still be a client-side route, when the client says by name that it wants a page. */
function navigates(target: ResolvedPath, request: StaticRequest): boolean {
  const accept = request.header('accept')
  if (target.kind !== 'path' && acceptsHtml(accept) !== 'named') return false
  const last = target.kind === 'path' ? (target.segments.at(-1) ?? '') : ''
  return wantsPage(accept, request.header('sec-fetch-dest'), last)
}

async function missingReason(root: string, target: Exclude<ResolvedPath, { kind: 'refused' }>): Promise<string> {
  if (target.kind !== 'path') return target.reason
  if (!(await stat(root)).isDirectory()) return `${root} is not a directory`
  return target.directory ? `there is no ${INDEX} in this directory` : 'there is no such file'
}

function printable(method: string): string {
  return /^[A-Z]{1,20}$/.test(method) ? method : 'this method'
}
