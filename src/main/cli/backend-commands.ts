import { plain, plainJson } from './escape.js'
import { formatBackends } from './format-backends.js'
import { withEngine } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico backends`. */
export async function listBackends(options: CommonOptions & { json?: boolean }): Promise<void> {
  const backends = await withEngine(options, (engine) => engine.call('backends.list', {}))
  if (options.json === true) print(plainJson(backends))
  else for (const line of formatBackends(backends, Date.now())) print(line)
}

/** `portico backends drain|resume`: prints what became of each place that the backend has. */
export async function drainBackend(
  draining: boolean,
  app: string,
  url: string,
  options: CommonOptions & { route?: string },
): Promise<void> {
  const { route } = options
  const params = { app, url: asOrigin(url), draining, ...(route === undefined ? {} : { route }) }
  const changed = await withEngine(options, (engine) => engine.call('backend.drain', params))
  for (const { route: place, inFlight } of changed) {
    const what = draining ? `gets no new requests (${inFlight} under way)` : 'gets requests again'
    print(`${plain(app)} ${plain(place)}: ${plain(params.url)} ${what}.`)
  }
}

/** As the config writes it, whatever way a person did: `http://127.0.0.1:8000/` is the same server. */
function asOrigin(text: string): string {
  const parsed = URL.parse(text)
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.origin : text
}
