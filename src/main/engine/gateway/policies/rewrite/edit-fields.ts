import type { RewriteSettings } from '../../../../../shared/policies/content-schemas.js'
import type { Exchange } from '../../exchange.js'
import { removeField, setField } from '../../field-edits.js'
import type { RawHeaders } from '../../headers.js'
import { type Template, template } from './template.js'

type Edits = NonNullable<RewriteSettings['request']>

/** Changes fields in place as the config says: what is to go first, then what is set, then what is added. */
export type FieldEditor = (headers: RawHeaders, exchange: Exchange, lowerCase: boolean) => void

export function fieldEditor({ remove = [], set = {}, append = {} }: Edits): FieldEditor {
  const compile = (fields: Record<string, string>): [string, Template][] =>
    Object.entries(fields).map(([name, value]) => [name, template(value)])
  const sets = compile(set)
  const appends = compile(append)
  return (headers, exchange, lowerCase) => {
    for (const name of remove) removeField(headers, name)
    for (const [name, value] of sets) setField(headers, name, sendable(value(exchange)), lowerCase)
    for (const [name, value] of appends) headers.push(lowerCase ? name.toLowerCase() : name, sendable(value(exchange)))
  }
}

/** Values may hold what a client sent, or what a person wrote: neither may end the field (RFC 9110 section 5.5). */
function sendable(value: string): string {
  return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()
}
