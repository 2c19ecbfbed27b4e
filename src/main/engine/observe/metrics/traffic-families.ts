import type { Family, Sample } from './facts.js'
import { type AppFigures, DURATION_BOUNDS, type Durations, type Figures } from './figures.js'

/** The metrics of the exchanges that have ended. @param backendUrls of the config and of the processes that run */
export function trafficFamilies(figures: Figures, backendUrls: ReadonlySet<string>): Family[] {
  const apps = [...figures.apps]
  for (const [, app] of apps) for (const url of app.backends.keys()) if (!backendUrls.has(url)) app.backends.delete(url)
  const each = (samples: (app: string, of: AppFigures) => Sample[]) => apps.flatMap(([app, of]) => samples(app, of))
  const one = (value: (of: AppFigures) => number) => each((app, of) => [{ labels: { app }, value: value(of) }])
  return [
    counter('portico_requests_total', 'Requests that have ended; status 0: the client went away.', each(requestCounts)),
    histogram('portico_request_duration_seconds', 'Time from the head of a request to the end of its answer.', (name) =>
      each((app, { routes }) =>
        [...routes].flatMap(([route, { durations }]) => buckets(name, { app, route }, durations)),
      ),
    ),
    counter(
      'portico_request_body_bytes_total',
      'Bytes of request bodies.',
      one(({ bytesIn }) => bytesIn),
    ),
    counter(
      'portico_response_body_bytes_total',
      'Bytes of response bodies.',
      one(({ bytesOut }) => bytesOut),
    ),
    counter(
      'portico_retries_total',
      'Attempts at a backend after the first one.',
      one(({ retries }) => retries),
    ),
    counter('portico_policy_outcomes_total', 'What policies did with requests.', each(outcomeCounts)),
    counter('portico_backend_requests_total', 'Attempts at a backend.', each(attemptCounts)),
    histogram('portico_backend_duration_seconds', 'Time of attempts that a backend answered.', (name) =>
      each((app, { backends }) =>
        [...backends].flatMap(([backend, { durations }]) => buckets(name, { app, backend }, durations)),
      ),
    ),
  ]
}

function requestCounts(app: string, { routes }: AppFigures): Sample[] {
  return [...routes].flatMap(([route, figures]) =>
    figures.counts().map(({ method, status, count }) => ({ labels: { app, route, method, status }, value: count })),
  )
}

function outcomeCounts(app: string, { outcomes }: AppFigures): Sample[] {
  return [...outcomes].flatMap(([policy, counts]) =>
    [...counts].map(([outcome, value]) => ({ labels: { app, policy, outcome }, value })),
  )
}

function attemptCounts(app: string, { backends }: AppFigures): Sample[] {
  return [...backends].flatMap(([backend, { requests, failures }]) => [
    { labels: { app, backend, outcome: 'answered' }, value: requests - failures },
    { labels: { app, backend, outcome: 'failed' }, value: failures },
  ])
}

function counter(name: string, help: string, samples: Sample[]): Family {
  return { name, help, type: 'counter', samples }
}

function histogram(name: string, help: string, samples: (name: string) => Sample[]): Family {
  return { name, help, type: 'histogram', samples: samples(name) }
}

function buckets(name: string, labels: Record<string, string>, { counts, sum }: Durations): Sample[] {
  let total = 0
  const samples: Sample[] = DURATION_BOUNDS.map((le, at) => {
    total += counts[at] as number
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  total += counts[DURATION_BOUNDS.length] as number
  return [
    ...samples,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: total },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
