import os from 'node:os'
import { defineConfig } from 'vitest/config'
import { ClosingLineReporter } from './test/support/closing-line-reporter.js'
import { LongFirst } from './test/support/long-first.js'

const CORES = os.availableParallelism()
/** These run a browser, or as much as the machine gives. */
const BUSY = [
  'test/{panel,electron}/**/*.test.ts',
  'test/integration/{http-memory,hostile-h2-floods,upstreams-*,ca-constraints,websocket-many}.test.ts',
  'test/integration/*-chromium.test.ts',
]
/** These wait most of their time: for processes, sockets and time limits. */
const WAITING = ['test/{integration,external,main/cli}/**/*.test.ts', 'test/main/engine/supervisor/*.test.ts']
/** These put something else in the place of a module, which others may have loaded already. */
const MOCKING = [
  'test/main/app/*.test.ts',
  'test/main/engine/tls/sealing-crashes.test.ts',
  'test/main/engine/gateway/policies/passwords.test.ts',
]

/** One kind of test after the other, each with as many files at a time as it allows without slowing its neighbours down. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // On a machine that others share, one of some thousand tests with real processes and sockets comes too late now and
    // then. What needed a second attempt is named at the end of the run.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default', new ClosingLineReporter()],
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...BUSY, ...WAITING, ...MOCKING],
          // Loading everything anew for each of some hundred small files takes longer than the tests do.
          isolate: false,
          sequence: { groupOrder: 0 },
          maxWorkers: Math.max(2, CORES - 1),
        },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          include: [...WAITING, ...MOCKING],
          exclude: BUSY,
          sequence: { groupOrder: 1 },
          maxWorkers: CORES + 1,
        },
      },
      {
        extends: true,
        test: { name: 'busy', include: BUSY, sequence: { groupOrder: 2 }, maxWorkers: Math.max(2, CORES - 1) },
      },
    ],
  },
})
