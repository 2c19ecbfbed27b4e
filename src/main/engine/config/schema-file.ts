import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { writeAtomically } from './atomic-file.js'
import type { ConfigLog } from './config-log.js'
import { CONFIG_SCHEMA_ID, configJsonSchema } from './json-schema.js'

/**
 * Puts the JSON Schema beside a config file, for editors that complete and check by it.
 * @returns the value for `$schema`, or null when it can not be put there
 */
export async function offerSchemaFile(configFile: string, log: ConfigLog): Promise<string | null> {
  const { name, file } = schemaBeside(configFile)
  try {
    const there = await readSchema(file)
    if (there === null) await writeAtomically(file, schemaText(), { mode: 0o600 })
    return there === null || isOurs(there) ? name : null
  } catch (error) {
    log.warn({ err: error, file }, 'the schema of the config could not be written')
    return null
  }
}

/** Brings the schema beside the config up to this version, when the config refers to it and it is Portico's own. */
export async function refreshSchemaFile(
  configFile: string,
  reference: string | undefined,
  log: ConfigLog,
): Promise<void> {
  const { name, file } = schemaBeside(configFile)
  if (reference !== name) return
  const [there, wanted] = [await readSchema(file), schemaText()]
  if (there === wanted || (there !== null && !isOurs(there))) return
  await writeAtomically(file, wanted, { mode: 0o600 })
  log.info({ file }, 'brought the schema of the config up to date')
}

function schemaBeside(configFile: string): { name: string; file: string } {
  const base = `${path.parse(configFile).name}.schema.json`
  return { name: `./${base}`, file: path.join(path.dirname(configFile), base) }
}

function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`
}

async function readSchema(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function isOurs(text: string): boolean {
  return text.includes(`"$id": ${JSON.stringify(CONFIG_SCHEMA_ID)}`)
}
