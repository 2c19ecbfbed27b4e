import { contentType as lookup } from 'mime-types'

/** Where the registry's answer does not suit a browser that is told not to sniff. */
const OVERRIDES: ReadonlyMap<string, string> = new Map([['.cjs', 'text/javascript; charset=utf-8']])

/** The Content-Type for a file name, text with `charset=utf-8`; `application/octet-stream` when unknown. */
export function contentTypeOf(name: string): string {
  const dot = name.lastIndexOf('.')
  if (dot === -1) return 'application/octet-stream'
  const extension = name.slice(dot).toLowerCase()
  return OVERRIDES.get(extension) ?? (lookup(extension) || 'application/octet-stream')
}
