import { mkdir, mkdtemp, readdir, readlink, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import {
  type StaticReply,
  type StaticRequest,
  serveStatic,
} from '../../../../../src/main/engine/gateway/static/serve-static.js'

/** What no request may ever read. */
export const CANARY = 'CANARY-outside-of-the-root'

export interface Site {
  /** real path of a fresh temporary directory that holds `root` and a canary beside it */
  base: string
  root: string
  write(name: string, content: string | Buffer): Promise<string>
  /** serves one request; `headers` by lower-case name */
  get(path: string, headers?: Record<string, string>, extra?: Partial<StaticRequest> & { spa?: boolean }): Promise<Got>
  remove(): Promise<void>
}

export interface Got {
  status: number
  headers: Record<string, string>
  body: Buffer
  reason: string | undefined
}

export async function makeSite(files: Record<string, string | Buffer> = {}): Promise<Site> {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), 'portico-static-')))
  const root = path.join(base, 'site')
  await mkdir(root)
  await writeFile(path.join(base, 'canary.txt'), CANARY)
  const write = async (name: string, content: string | Buffer) => {
    const file = path.join(root, name)
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, content)
    return file
  }
  for (const [name, content] of Object.entries(files)) await write(name, content)
  return {
    base,
    root,
    write,
    get: async (target, headers = {}, { spa = false, ...extra } = {}) =>
      consume(await serveStatic({ dir: root, spa }, request(target, headers, extra))),
    remove: () => rm(base, { recursive: true, force: true }),
  }
}

export function request(
  target: string,
  headers: Record<string, string> = {},
  extra: Partial<StaticRequest> = {},
): StaticRequest {
  return { method: 'GET', path: target, header: (name) => headers[name], ...extra }
}

/** Reads a reply to its end, and checks that its Content-Length told the truth. */
export async function consume(reply: StaticReply): Promise<Got> {
  const headers: Record<string, string> = {}
  for (const [name, value] of reply.headers) {
    if (name in headers || name !== name.toLowerCase()) throw new Error(`repeated or upper-case header ${name}`)
    headers[name] = value
  }
  const body = await bytes(reply.body)
  await reply.dispose()
  if (reply.body !== null && headers['content-length'] !== String(body.length)) {
    throw new Error(`Content-Length ${headers['content-length']}, but ${body.length} bytes`)
  }
  return { status: reply.status, headers, body, reason: reply.reason }
}

async function bytes(body: StaticReply['body']): Promise<Buffer> {
  if (body === null || Buffer.isBuffer(body)) return body ?? Buffer.alloc(0)
  return Buffer.concat(await body.toArray())
}

/** The files below `dir` that this process holds open (Linux; empty elsewhere). */
export async function openFilesBelow(dir: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return targets.filter((target) => target.startsWith(dir))
}
