import { type App, appSchema } from '../../../shared/config.js'
import type { Problem } from '../../../shared/contract.js'
import { EMPTY_PROCESS, type ProcessDraft, processDraftOf, processOf } from './process-draft.js'

export type TargetKind = 'port' | 'process' | 'backends' | 'directory' | 'other'

/** What the form shows of an app: text as typed. What the form has no field for is kept in `rest`. */
export interface AppDraft {
  name: string
  kind: TargetKind
  port: string
  process: ProcessDraft
  /** one URL per line */
  backends: string
  dir: string
  spa: boolean
  /** one per line */
  hosts: string
  rest: Record<string, unknown>
  /** the routes of an app that the form cannot show, and its process beside them */
  other: Record<string, unknown>
  /** what else the one upstream has, as its balance */
  upstream: Record<string, unknown>
}

export const EMPTY_DRAFT: AppDraft = {
  name: '',
  kind: 'port',
  port: '',
  process: EMPTY_PROCESS,
  backends: '',
  dir: '',
  spa: false,
  hosts: '',
  rest: {},
  other: {},
  upstream: {},
}

/** What the form shows of an app. */
export function draftOf(app: App): AppDraft {
  const { name, hosts, port, static: files, routes, process, ...rest } = app
  const draft = { ...EMPTY_DRAFT, name, hosts: (hosts ?? []).join('\n'), rest }
  if (port !== undefined) return { ...draft, kind: 'port', port: String(port) }
  if (files !== undefined) return { ...draft, kind: 'directory', dir: files.dir, spa: files.spa ?? false }
  if (process !== undefined && routes === undefined)
    return { ...draft, kind: 'process', process: processDraftOf(process) }
  const plain = process === undefined ? plainUpstream(routes) : null
  if (plain !== null) return { ...draft, kind: 'backends', ...plain }
  const other = { ...(process === undefined ? {} : { process }), ...(routes === undefined ? {} : { routes }) }
  return { ...draft, kind: 'other', other }
}

/** The app that a draft stands for, as it would be written in the config file; not yet checked. */
export function appOf(draft: AppDraft): Record<string, unknown> {
  const hosts = lines(draft.hosts)
  return { name: draft.name.trim(), ...(hosts.length === 0 ? {} : { hosts }), ...targetOf(draft), ...draft.rest }
}

/** What is wrong with an app, in the words of the config's schema; empty when nothing is. */
export function problemsOf(app: unknown): Problem[] {
  const parsed = appSchema.safeParse(app)
  if (parsed.success) return []
  return parsed.error.issues.map(({ path, message }) => ({ path: pathText(path), message }))
}

/** Parses the raw view. @returns the value, or why it is not JSON */
export function parseJson(text: string): { value: unknown } | { reason: string } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

function plainUpstream(routes: App['routes']): Pick<AppDraft, 'backends' | 'upstream'> | null {
  const [route, ...more] = routes ?? []
  if (route === undefined || more.length > 0 || route.upstream === undefined || route.path !== '/') return null
  if (Object.keys(route).length > 2) return null
  const { backends, ...upstream } = route.upstream
  if (backends.some((backend) => Object.keys(backend).length > 1)) return null
  return { backends: backends.map(({ url }) => url).join('\n'), upstream }
}

function targetOf(draft: AppDraft): Record<string, unknown> {
  switch (draft.kind) {
    case 'port':
      // What is not a number is no port either, and the schema says so in better words than "received NaN".
      return { port: /^\d+$/.test(draft.port.trim()) ? Number(draft.port) : 0 }
    case 'process':
      return { process: processOf(draft.process) }
    case 'directory':
      return { static: { dir: draft.dir.trim(), ...(draft.spa ? { spa: true } : {}) } }
    case 'backends': {
      const backends = lines(draft.backends).map((url) => ({ url }))
      return { routes: [{ path: '/', upstream: { backends, ...draft.upstream } }] }
    }
    case 'other':
      return draft.other
  }
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function pathText(path: PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
}
