import type { z } from 'zod'
import { type PolicyKey, policiesSchema } from '../../../shared/policies-schema.js'

/** What a value may be, as far as a form has to know; the schema itself says whether it is right. */
export type FieldSpec =
  | { kind: 'text' }
  | { kind: 'duration' }
  | { kind: 'number'; whole: boolean }
  | { kind: 'switch' }
  | { kind: 'choice'; options: readonly string[] }
  /** `orOne`: one text may stand without its list; `regexes`: `{"regex": …}` may stand among the texts */
  | { kind: 'texts'; options: readonly string[]; orOne: boolean; regexes: boolean }
  /** text by name; where `loose`, numbers, booleans and lists of text too */
  | { kind: 'map'; loose: boolean }
  | { kind: 'group'; fields: readonly FormField[] }
  | { kind: 'items'; fields: readonly FormField[] }
  /** one of some values, or something else */
  | { kind: 'either'; values: readonly Plain[]; others: readonly FieldSpec[] }
  /** nothing that there is a control for */
  | { kind: 'json' }

export interface FormField {
  key: string
  /** as the descriptions have it: `rewrite.path[].match` */
  path: string
  required: boolean
  spec: FieldSpec
}

export type Plain = string | number | boolean
export type GroupSpec = Extract<FieldSpec, { kind: 'group' }>

/** The schema of a policy that is on. */
export function policySchema(policy: PolicyKey): z.ZodType {
  return policiesSchema.shape[policy].unwrap().options[0]
}

/** The form of a policy, from its schema. */
export function policyForm(policy: PolicyKey): GroupSpec {
  const spec = specOf(policySchema(policy), policy)
  if (spec.kind !== 'group') throw new TypeError(`the settings of ${policy} are no object`)
  return spec
}

/** @param path of the value, for the fields inside of it */
export function specOf(schema: z.core.$ZodType, path: string): FieldSpec {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'string':
      return isDuration(schema as z.ZodType) ? { kind: 'duration' } : { kind: 'text' }
    case 'number':
      return { kind: 'number', whole: 'format' in def }
    case 'boolean':
      return { kind: 'switch' }
    case 'enum':
    case 'literal':
      return ofValues(plainValues(def))
    case 'object':
      return { kind: 'group', fields: fieldsOf(def.shape, path) }
    case 'array':
      return ofList(specOf(def.element, `${path}[]`))
    case 'record':
      return ofMap(specOf(def.valueType, path))
    case 'union':
      return ofUnion(def.options, path)
    case 'optional':
      return specOf(def.innerType, path)
    default:
      return { kind: 'json' }
  }
}

/** Every field of a form, those inside of others too. */
export function allFields(spec: FieldSpec): FormField[] {
  if (spec.kind === 'either') return spec.others.flatMap(allFields)
  if (spec.kind !== 'group' && spec.kind !== 'items') return []
  return spec.fields.flatMap((field) => [field, ...allFields(field.spec)])
}

function fieldsOf(shape: Readonly<Record<string, z.core.$ZodType>>, path: string): FormField[] {
  return Object.entries(shape).map(([key, schema]) => {
    const required = (schema as z.core.$ZodTypes)._zod.def.type !== 'optional'
    return { key, path: `${path}.${key}`, required, spec: specOf(schema, `${path}.${key}`) }
  })
}

/** Durations carry examples of themselves, also where they are refined. */
function isDuration(schema: z.ZodType): boolean {
  return (schema.meta()?.examples as unknown[] | undefined)?.[0] === '200ms'
}

function plainValues(def: z.core.$ZodEnumDef | z.core.$ZodLiteralDef<z.core.util.Literal>): Plain[] {
  const values: unknown[] = def.type === 'enum' ? Object.values(def.entries) : def.values
  return values.filter((value): value is Plain => ['string', 'number', 'boolean'].includes(typeof value))
}

function ofValues(values: readonly Plain[]): FieldSpec {
  const texts = values.filter((value) => typeof value === 'string')
  return texts.length === values.length ? { kind: 'choice', options: texts } : { kind: 'either', values, others: [] }
}

function ofList(item: FieldSpec): FieldSpec {
  const list = { kind: 'texts', options: [], orOne: false, regexes: false } as const
  if (item.kind === 'text') return list
  if (item.kind === 'choice') return { ...list, options: item.options }
  if (item.kind === 'group') return { kind: 'items', fields: item.fields }
  return isTextOrRegex(item) ? { ...list, regexes: true } : { kind: 'json' }
}

function ofMap(value: FieldSpec): FieldSpec {
  if (value.kind === 'text') return { kind: 'map', loose: false }
  return isLoose(value) ? { kind: 'map', loose: true } : { kind: 'json' }
}

function ofUnion(options: readonly z.core.$ZodType[], path: string): FieldSpec {
  const specs = options.map((option) => specOf(option, path))
  const values = specs.flatMap((spec): readonly Plain[] =>
    spec.kind === 'choice' ? spec.options : spec.kind === 'either' ? spec.values : [],
  )
  const others = specs.flatMap((spec) => (spec.kind === 'either' ? spec.others : spec.kind === 'choice' ? [] : [spec]))
  if (others.length === 0) return ofValues(values)
  const kinds = others.map(({ kind }) => kind)
  if (kinds.every((kind) => kind === 'text') && values.every((value) => typeof value === 'string')) {
    return { kind: 'text' }
  }
  if (values.length === 0 && kinds.join() === 'text,texts') {
    return { kind: 'texts', options: [], orOne: true, regexes: false }
  }
  return { kind: 'either', values, others }
}

function isTextOrRegex(spec: FieldSpec): boolean {
  if (spec.kind !== 'either' || spec.values.length > 0 || spec.others.length !== 2) return false
  const [text, group] = spec.others
  return text?.kind === 'text' && group?.kind === 'group' && group.fields.map(({ key }) => key).join() === 'regex'
}

function isLoose(spec: FieldSpec): boolean {
  const simple = ['text', 'number', 'switch', 'texts']
  return spec.kind === 'either' && spec.values.length === 0 && spec.others.every(({ kind }) => simple.includes(kind))
}
