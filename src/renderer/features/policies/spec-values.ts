import type { Look } from './form-looks.js'
import type { FieldSpec } from './form-spec.js'

/** Whether a value is of the kind that its control can show; what is wrong with it otherwise is for the schema. */
export function fitsSpec(spec: FieldSpec, value: unknown): boolean {
  if (value === undefined) return true
  switch (spec.kind) {
    case 'text':
      return typeof value === 'string'
    case 'duration':
      return typeof value === 'string' && /^$|(ms|s|m|h|d)$/.test(value)
    case 'number':
      return typeof value === 'number' || typeof value === 'string'
    case 'switch':
      return typeof value === 'boolean'
    case 'choice':
      return spec.options.some((option) => option === value)
    case 'texts':
      return (
        (spec.orOne && typeof value === 'string') ||
        (Array.isArray(value) && value.every((item) => fitsList(spec, item)))
      )
    case 'map':
      return isRecord(value) && (spec.loose || Object.values(value).every((one) => typeof one === 'string'))
    case 'group':
      return isRecord(value)
    case 'items':
      return Array.isArray(value) && value.every(isRecord)
    case 'either':
      return spec.values.some((one) => one === value) || spec.others.some((other) => fitsSpec(other, value))
    case 'json':
      return true
  }
}

/** Whether a value has the parts that a control of this look shows. */
export function fitsLook(look: Look, value: unknown): boolean {
  return look !== 'rate' || /^$|\/(s|m|h|d)$/.test(String(value ?? ''))
}

/** An object with another value under a key; undefined takes the key away. */
export function withKey(record: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  if (value !== undefined) return { ...record, [key]: value }
  const { [key]: _, ...rest } = record
  return rest
}

function fitsList({ options, regexes }: Extract<FieldSpec, { kind: 'texts' }>, item: unknown): boolean {
  if (typeof item === 'string') return options.length === 0 || options.includes(item)
  return regexes && isRecord(item) && typeof item.regex === 'string' && Object.keys(item).length === 1
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
