import os from 'node:os'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './test/support/closing-line-reporter.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Most tests wait for processes and sockets: two at a time pay even on two cores.
    maxWorkers: Math.max(2, os.availableParallelism() - 1),
    reporters: ['default', new ClosingLineReporter()],
  },
})
