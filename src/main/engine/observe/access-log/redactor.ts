import { maskedTarget } from '../../gateway/mask.js'
import type { RawHeaders } from '../observed.js'

/** Fields that are credentials, or carry them. */
const SECRET_FIELDS = ['authorization', 'cookie', 'proxy-authorization', 'set-cookie']
/** Fields whose name says as much, such as X-Api-Key. */
const SECRET_NAME = /token|secret|passw|api[-_]?key|credential|auth/
const MASK = '***'

/** Takes out of a log what nobody may read there. */
export class Redactor {
  readonly #fields: ReadonlySet<string>
  readonly #query: ReadonlySet<string>

  /** @param fields names of further header fields @param query names of further query parameters */
  constructor(fields: readonly string[] = [], query: readonly string[] = []) {
    this.#fields = new Set([...SECRET_FIELDS, ...fields.map((name) => name.toLowerCase())])
    this.#query = new Set(query.map((name) => name.toLowerCase()))
  }

  target(target: string): string {
    return maskedTarget(target, this.#query)
  }

  /** The value of a field that is a URL, as Referer. */
  url(value: string): string {
    return this.target(value.replace(/\/\/[^/?#]*@/, `//${MASK}@`))
  }

  /** Those of the fields that are wanted, by their lower-case name. @param wanted in lower case */
  fields(headers: RawHeaders, wanted: ReadonlySet<string>): Record<string, string | string[]> {
    const found: Record<string, string | string[]> = Object.create(null)
    for (let i = 0; i < headers.length; i += 2) {
      const name = (headers[i] as string).toLowerCase()
      if (!wanted.has(name)) continue
      const value = this.#value(name, headers[i + 1] as string)
      const before = found[name]
      found[name] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value]
    }
    return found
  }

  #value(name: string, value: string): string {
    if (this.#fields.has(name) || SECRET_NAME.test(name)) return MASK
    return URL_FIELDS.has(name) ? this.url(value) : value
  }
}

const URL_FIELDS = new Set([
  'content-location',
  'location',
  'link',
  'origin',
  'referer',
  'x-original-url',
  'x-rewrite-url',
])
