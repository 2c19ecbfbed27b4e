import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { until } from './wait.js'

/** What a played tool does when it is started for the n-th time; the last act is played again and again. */
export interface Act {
  print: string
  /** bytes of each write, with a moment between them; all at once unless told */
  pieces?: number
  /** ends with this code after it has printed; goes on otherwise */
  code?: number
  /** does not hear SIGTERM */
  deaf?: boolean
}

export interface PlayedRun {
  pid: number
  /** of a process that it has started in its turn */
  child: number
  /** where it takes visitors, in the place of its service */
  edge: number
  args: string[]
  env: Record<string, string>
}

/** A program in the place of a tool. */
export interface PlayedTool {
  program: string
  dir: string
  /** all runs so far */
  runs(): Promise<PlayedRun[]>
  /** The n-th run, from 0, once it has begun. */
  run(index: number): Promise<PlayedRun>
}

/** Prints what its act says, and takes visitors to the port that it was given, as a real one would. Ends with the test. */
export async function playTool(acts: readonly Act[]): Promise<PlayedTool> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portico-tool-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const program = path.join(dir, 'tool')
  await writeFile(path.join(dir, 'acts.json'), JSON.stringify(acts))
  await writeFile(program, `#!${process.execPath}\n${SCRIPT}`, { mode: 0o755 })
  const runs = async () => {
    const text = await readFile(path.join(dir, 'runs.jsonl'), 'utf8').catch(() => '')
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as PlayedRun]))
  }
  return {
    program,
    dir,
    runs,
    run: async (index) => {
      await until(async () => (await runs()).length > index, `run ${index} of the tool`, 10_000)
      return (await runs())[index] as PlayedRun
    },
  }
}

const SCRIPT = `
const { spawn } = require('node:child_process')
const { appendFileSync, readFileSync } = require('node:fs')
const net = require('node:net')

const file = (name) => __dirname + '/' + name
const lines = (() => { try { return readFileSync(file('runs.jsonl'), 'utf8').split('\\n').length - 1 } catch { return 0 } })()
const acts = JSON.parse(readFileSync(file('acts.json'), 'utf8'))
const act = acts[Math.min(lines, acts.length - 1)]
const args = process.argv.slice(2)
const port = Number(args.map((word) => /127\\.0\\.0\\.1:([1-9]\\d*)$/.exec(word)?.[1]).find(Boolean))
if (act.deaf) process.on('SIGTERM', () => {})
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
const edge = net.createServer((visitor) => {
  const app = net.connect(port, '127.0.0.1')
  for (const end of [visitor, app]) end.on('error', () => {})
  visitor.pipe(app).pipe(visitor)
})
edge.listen(0, '127.0.0.1', async () => {
  const run = { pid: process.pid, child: child.pid, edge: edge.address().port, args, env: process.env }
  appendFileSync(file('runs.jsonl'), JSON.stringify(run) + '\\n')
  const bytes = Buffer.from(act.print)
  const size = act.pieces ?? bytes.length
  for (let at = 0; at < bytes.length; at += size) {
    await new Promise((resolve) => process.stderr.write(bytes.subarray(at, at + size), resolve))
    if (act.pieces) await new Promise((resolve) => setImmediate(resolve))
  }
  if (act.code === undefined) return
  child.kill('SIGKILL')
  process.exit(act.code)
})
`
