import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Both halves together; V8 would go on to four times as much. */
const ENOUGH_BYTES = 8 * 1024 * 1024

/**
 * Stops V8's young generation from growing beyond what a proxy gains by. Its buffers die at once, but the larger the
 * young generation, the rarer the cheap collection that frees them, until their sheer amount forces full ones instead:
 * with the default, 100 KiB responses cost twice the processor time, and the process stays larger after load.
 *
 * `node --max-semi-space-size=4` would say the same, if a program could count on being started so.
 */
export function limitYoungGeneration(): void {
  const observer = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
    if (young === undefined || young.space_size < ENOUGH_BYTES) return
    setFlagsFromString('--semi-space-growth-factor=1')
    observer.disconnect()
  })
  observer.observe({ entryTypes: ['gc'] })
}
