import { z } from 'zod'
import { configSchema } from '../../../shared/config.js'
import { KEY_DESCRIPTIONS } from './key-descriptions.js'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** Names the schema; it is an identifier, and nothing is fetched from it. */
export const CONFIG_SCHEMA_ID = 'urn:portico:config:1'

/** The config file as JSON Schema (2020-12), for editors that complete and check by it. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input', override: ({ jsonSchema }) => dropSafeRange(jsonSchema) })
  for (const { key, schema: part } of schemaKeys(schema)) {
    const description = KEY_DESCRIPTIONS[key]
    if (description !== undefined) part.description = description
  }
  const { $schema, ...rest } = schema
  return { $schema, $id: CONFIG_SCHEMA_ID, title: 'Portico config', ...rest } as JsonSchema
}

/**
 * Every key that the schema knows, as `apps[].routes[].path`, with the part of the schema that describes it. The keys
 * of free maps (header names, variables) are not among them.
 */
export function schemaKeys(schema: JsonSchema, prefix = ''): { key: string; schema: JsonSchema }[] {
  const own = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).flatMap(([name, part]) => {
    const key = prefix === '' ? name : `${prefix}.${name}`
    return [{ key, schema: part }, ...schemaKeys(part, key)]
  })
  const items = typeof schema.items === 'object' ? schemaKeys(schema.items as JsonSchema, `${prefix}[]`) : []
  const branches = (schema.anyOf ?? []).flatMap((branch) => schemaKeys(branch as JsonSchema, prefix))
  return [...own, ...items, ...branches]
}

/** zod writes the range of safe integers wherever no narrower limit is given. */
function dropSafeRange(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
}
