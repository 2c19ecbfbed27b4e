import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const HERE = import.meta.dirname

/** Starts a script of this folder in a Node process of its own; its standard output is a pipe. */
export function startScript(script: string, args: string[]) {
  return spawn(process.execPath, nodeArgs(script, args), { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Runs a script of this folder under a shell line that ends in `exec "$@"`, and returns what it printed. */
export async function runUnderShell(line: string, script: string, args: string[]): Promise<string> {
  const command = [process.execPath, ...nodeArgs(script, args)]
  const child = spawn('sh', ['-c', line, 'sh', ...command], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await once(child, 'close')
  return output
}

function nodeArgs(script: string, args: string[]): string[] {
  const loader = path.join(HERE, 'typescript-loader.mjs')
  return ['--no-warnings', '--experimental-transform-types', '--import', loader, path.join(HERE, script), ...args]
}
