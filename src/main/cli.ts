#!/usr/bin/env node
import { nodeRefusal } from './cli/node-version.js'

// Nothing else is imported before this check: the rest may use what an older Node does not have.
const refusal = nodeRefusal(process.versions.node)
if (refusal === null) {
  const { runCommandLine } = await import('./cli/command-line.js')
  process.exitCode = await runCommandLine(process.argv.slice(2))
} else {
  process.stderr.write(`${refusal}\n`)
  process.exitCode = 1
}
// A utility process of the packaged app does not end by itself.
if (process.parentPort !== undefined) process.exit()
// Whatever still keeps the process alive then has no claim to.
setTimeout(() => process.exit(), 1_000).unref()
