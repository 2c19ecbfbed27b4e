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
  const params = { app, url, draining, ...(route === undefined ? {} : { route }) }
  const backends = await withEngine(options, (engine) => engine.call('backend.drain', params))
  for (const one of backends) {
    if (one.app !== app || !isSameServer(one.url, url) || (route ?? one.route) !== one.route) continue
    const what = draining ? `gets no new requests (${one.inFlight} under way)` : 'gets requests again'
    print(`${plain(app)} ${plain(one.route)}: ${plain(one.url)} ${what}.`)
  }
}

/** `http://127.0.0.1:8000/` and `HTTP://127.0.0.1:8000` are the same. */
function isSameServer(one: string, other: string): boolean {
  return URL.parse(one)?.origin === URL.parse(other)?.origin
}
