import path from 'node:path'
import type { ShareWay } from '../../../../shared/share-schemas.js'
import type { Tool, ToolMachine } from './tool.js'
import { TOOLS } from './tools.js'

export type ToolFound = Omit<Extract<ShareWay, { kind: 'tool' }>, 'kind'>

const VERSION_MS = 5_000

/** The tools by which an app can be shared, whether they are installed or not. Nothing is shown to anybody by this. */
export function findTools(machine: ToolMachine): Promise<ToolFound[]> {
  return Promise.all(TOOLS.map((tool) => findTool(tool, machine)))
}

/** One of them, looked for anew. */
export async function findTool(tool: Tool, machine: ToolMachine): Promise<ToolFound> {
  const program = await findProgram(tool, machine)
  const { title, install: hint } = tool
  if (program === null) {
    const obstacle = { message: `${title} is not installed.`, hint }
    return { tool: tool.tool, title, program, version: null, obstacle }
  }
  const version = await versionOf(tool, machine, program)
  return { tool: tool.tool, title, program, version, obstacle: await tool.obstacle(machine, program, version) }
}

async function findProgram(tool: Tool, machine: ToolMachine): Promise<string | null> {
  const { platform, env } = machine
  const windows = platform === 'win32'
  const { delimiter, join, isAbsolute } = windows ? path.win32 : path.posix
  const folders = (pathOf(env, windows) ?? '').split(delimiter).map((folder) => folder.replace(/^"(.*)"$/, '$1'))
  const file = windows ? `${tool.program}.exe` : tool.program
  const places = [
    ...folders.filter((folder) => isAbsolute(folder)).map((folder) => join(folder, file)),
    ...tool.places(machine),
  ]
  for (const place of places) if (await machine.runnable(place)) return place
  return null
}

function pathOf(env: ToolMachine['env'], windows: boolean): string | undefined {
  const name = windows ? Object.keys(env).find((one) => one.toUpperCase() === 'PATH') : 'PATH'
  return name === undefined ? undefined : env[name]
}

async function versionOf(tool: Tool, machine: ToolMachine, program: string): Promise<string | null> {
  const { code, stdout, stderr } = await machine.run(program, tool.versionArgs, {
    timeoutMs: VERSION_MS,
    ...(tool.env === undefined ? {} : { env: tool.env }),
  })
  return code === null ? null : tool.readVersion(`${stdout}\n${stderr}`)
}
