import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ToolSign } from '../../src/main/engine/share/tools/tool.js'
import { ToolOutput } from '../../src/main/engine/share/tools/tool-output.js'
import { toolOf } from '../../src/main/engine/share/tools/tools.js'
import type { ShareTool } from '../../src/shared/share-schemas.js'

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/share-tools')

/** What a tool printed once, without the comment on where that was. */
export function recorded(name: string): string {
  return readFileSync(path.join(FIXTURES, name), 'utf8').replace(/^(?:# .*\r?\n)+/, '')
}

/** The recorded output of one run, as the tool's own reader understands it. */
export function readRun(tool: ShareTool, text: string, way = 0): { signs: ToolSign[]; output: ToolOutput } {
  const output = new ToolOutput(toolOf(tool).reader(way))
  const signs = text.split('\n').map((line) => output.hear(line))
  return { signs: signs.filter((sign) => sign !== null), output }
}

/** The signs that change what a person is shown. */
export function told(tool: ShareTool, name: string, way = 0): ToolSign[] {
  return readRun(tool, recorded(name), way).signs.filter(({ type }) => type !== 'note')
}
