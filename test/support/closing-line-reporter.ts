import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

/** Names the file that the counts are written to, for a caller that prints the line itself, after all else. */
export const COUNTS_FILE_VARIABLE = 'PORTICO_TEST_COUNTS_FILE'

/**
 * Prints what came of a run in one last plain line, `12 passed, 0 failed`, that a program can read. Tests that failed
 * and passed when they were tried again are named before it: each is a fault of the test or of the product.
 */
export class ClosingLineReporter implements Reporter {
  /** A run that never ends has failed. */
  #counts: TestCounts = { passed: 0, failed: 1, skipped: 0 }

  onInit(): void {
    const file = process.env[COUNTS_FILE_VARIABLE]
    if (file === undefined) process.once('exit', () => process.stdout.write(`${closingLine(this.#counts)}\n`))
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#counts = countTests(modules, unhandledErrors.length)
    process.stdout.write(secondAttempts(modules))
    const file = process.env[COUNTS_FILE_VARIABLE]
    if (file !== undefined) writeFileSync(file, JSON.stringify(this.#counts))
  }
}

/** `12 passed, 1 failed`, and `, 2 skipped` when some were. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * Counts tests by their outcome. What fails outside of a test counts as a failure of its own: a file that cannot be
 * loaded, a hook, an error that nobody caught; so does a test that never came to an end.
 */
export function countTests(modules: readonly TestModule[], unhandledErrors: number): TestCounts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 }
  for (const module of modules) {
    counts.failed += module.errors().length
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed') counts.passed++
      else if (state === 'skipped') counts.skipped++
      else counts.failed++
    }
  }
  return counts
}

function secondAttempts(modules: readonly TestModule[]): string {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const told = (test: TestCase) => `  ${test.module.relativeModuleId} > ${test.fullName}\n`
  const unsteady = tests.filter((test) => test.diagnostic()?.flaky).map(told)
  return unsteady.length === 0 ? '' : `Passed at a second attempt only:\n${unsteady.join('')}`
}
