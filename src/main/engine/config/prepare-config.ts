import type { ConfigFile } from '../../../shared/config.js'
import { removeDebris, writeAtomically } from './atomic-file.js'
import type { ConfigLog } from './config-log.js'
import { offerSchemaFile, refreshSchemaFile } from './schema-file.js'

/** Makes a config without apps, private to its user, with its schema beside it. Throws Fault config-unwritable. */
export async function createDefaultConfig(file: string, log: ConfigLog): Promise<void> {
  const schema = await offerSchemaFile(file, log)
  const document = { ...(schema === null ? {} : { $schema: schema }), version: 1, apps: [] }
  await writeAtomically(file, `${JSON.stringify(document, null, 2)}\n`, { mode: 0o600 })
  log.info({ file }, 'made a config file')
}

/** Removes what killed writers left and renews the schema; a failure is logged, for the config itself is sound. */
export async function tidyConfigFolder(file: string, document: ConfigFile, log: ConfigLog): Promise<void> {
  try {
    await removeDebris(file)
    await refreshSchemaFile(file, document.$schema, log)
  } catch (error) {
    log.warn({ err: error, file }, 'the folder of the config file could not be tidied')
  }
}
