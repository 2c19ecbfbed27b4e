import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Family } from './facts.js'
import { gauge } from './state-families.js'

/** How often the lag is looked at: often enough to find what blocks, and seldom enough to cost nothing. */
const LAG_RESOLUTION_MS = 50

/** What the gateway's own process uses, by the names that Prometheus's client libraries share. */
export class OwnProcess {
  readonly #lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })

  constructor() {
    this.#lag.enable()
  }

  families(): Family[] {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const single = (name: string, help: string, value: number) => gauge(name, help, [{ labels: {}, value }])
    return [
      { ...single('process_cpu_seconds_total', 'CPU time of the gateway.', (user + system) / 1e6), type: 'counter' },
      single('process_resident_memory_bytes', 'Resident memory of the gateway.', rss),
      single('process_start_time_seconds', 'When the gateway was started, in Unix time.', startedAt()),
      single('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed),
      single('nodejs_heap_size_total_bytes', 'Heap in all.', heapTotal),
      single('nodejs_external_memory_bytes', 'Memory of objects outside of the heap.', external),
      ...this.#lagFamilies(),
    ]
  }

  close(): void {
    this.#lag.disable()
  }

  #lagFamilies(): Family[] {
    // The interval itself is in what is measured.
    const seconds = (ns: number) => Math.max(0, Number.isFinite(ns) ? ns / 1e9 - LAG_RESOLUTION_MS / 1000 : 0)
    const lag = (name: string, what: string, ns: number) =>
      gauge(`nodejs_eventloop_lag_${name}_seconds`, `${what} lag of the event loop since the last look.`, [
        { labels: {}, value: seconds(ns) },
      ])
    const { mean, max } = this.#lag
    const families = [
      lag('mean', 'Mean', mean),
      lag('max', 'Longest', max),
      lag('p50', 'Median', this.#lag.percentile(50)),
      lag('p99', '99th percentile of the', this.#lag.percentile(99)),
    ]
    this.#lag.reset()
    return families
  }
}

function startedAt(): number {
  return (Date.now() - process.uptime() * 1000) / 1000
}
