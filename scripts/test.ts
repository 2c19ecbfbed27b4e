import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COUNTS_FILE_VARIABLE, closingLine, type TestCounts } from '../test/support/closing-line-reporter.ts'
import { runTool } from './run-step.ts'

/**
 * `npm test`: types, lint, build, and then every test against what was built. The last line says how many tests passed
 * and failed; a step before the tests that fails counts as one.
 */

const STEPS: { title: string; tool: string; args: string[] }[] = [
  { title: 'Types', tool: 'tsc', args: ['-p', '.'] },
  { title: 'Lint and format', tool: 'biome', args: ['check', '.'] },
  { title: 'Build', tool: 'electron-vite', args: ['build', '--logLevel', 'warn'] },
]

const counts = await testEverything(process.argv.slice(2))
console.log(closingLine(counts))
process.exitCode = counts.failed === 0 ? 0 : 1

async function testEverything(args: string[]): Promise<TestCounts> {
  for (const { title, tool, args: toolArgs } of STEPS) {
    console.log(`\n${title}`)
    if ((await runTool(tool, toolArgs)) === 0) continue
    console.log(`${title}: failed`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
  return runTests(args)
}

async function runTests(args: string[]): Promise<TestCounts> {
  const folder = mkdtempSync(path.join(tmpdir(), 'portico-test-'))
  const file = path.join(folder, 'counts.json')
  try {
    const code = await runTool('vitest', ['run', ...args], { [COUNTS_FILE_VARIABLE]: file })
    const counted = readCounts(file)
    // A run that fails without a failed test (no tests found, a crash of the runner) has failed all the same.
    return code === 0 || counted.failed > 0 ? counted : { ...counted, failed: 1 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readCounts(file: string): TestCounts {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestCounts
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
