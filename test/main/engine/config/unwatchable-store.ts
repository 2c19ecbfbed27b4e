import { writeFileSync } from 'node:fs'
import { ConfigStore } from '../../../../src/main/engine/config/config-store.js'
import { configText, until } from './await.js'

/** A child process without inotify: prints what the store was told after a hand edit, and what it warned of. */
const file = process.argv[2]!
const warnings: string[] = []
const log = { info: () => {}, warn: (_: object, message: string) => warnings.push(message), error: () => {} }
const store = await ConfigStore.open({ file, log: log as never })
writeFileSync(file, configText('by-hand'))
const start = performance.now()
await until(() => store.current.apps.length === 1, 'the hand edit is in use')
process.stdout.write(JSON.stringify({ warnings, ms: performance.now() - start }))
await store.close()
