/** Words of the charts. */

export const charts = {
  rate: 'Requests',
  perSecond: (rate: string) => `${rate}/s`,
  rateSummary: (now: string, peak: string) => `In the last minute: ${now} requests a second now, ${peak} at the most.`,
  peak: (rate: string) => `peak ${rate}/s`,
  slowest: (ms: string) => `peak ${ms}`,
  latency: 'p95',
  latencySummary: (p95: string, slowest: string) =>
    `In the last minute 95 of 100 requests took at most ${p95}; in the slowest second it was ${slowest}.`,
  nothing: '–',
  noRequests: 'No requests in the last minute.',
  show: 'Show charts',
  hide: 'Hide charts',
} as const
