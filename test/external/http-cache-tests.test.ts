import { once } from 'node:events'
import { accessSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { HTTP1 } from '../support/client.js'
import { startGateway, type TestGateway } from '../support/gateway.js'

/**
 * The public test suite for HTTP caches (https://cache-tests.fyi/), as its package has it, through a gateway. The package
 * draws in a package manager of its own, so it is not among the dependencies; `.ci/run` has it. `npm pack http-cache-tests@0.4.5`, unpack
 * it somewhere, and name that folder in HTTP_CACHE_TESTS.
 */

/** Wants by its name what it refuses by its steps, unlike its neighbours: an Age of `0,7200` is not one number. */
const CONTRADICTS_ITSELF = ['age-parse-prefix']

const SUITE = process.env.HTTP_CACHE_TESTS ?? ''
const MISSING = missingSuite()
if (MISSING !== null) console.warn(`SKIPPED the public test suite for HTTP caches: ${MISSING}`)

interface SuiteTest {
  id: string
  name: string
  /** required unless told */
  kind?: 'required' | 'optimal' | 'check'
  depends_on?: string[]
}

type Results = Record<string, true | [kind: string, message: string]>

test.skipIf(MISSING !== null)(
  'the required tests of the public suite for HTTP caches pass',
  { timeout: 300_000 },
  async () => {
    const origin = await startOrigin()
    const gateway = await startGateway({
      apps: [
        { name: 'app', routes: [{ path: '/', upstream: { backends: [{ url: origin }] } }], policies: { cache: {} } },
      ],
    })
    onTestFinished(() => gateway.stop())
    const { runTests, getResults } = await load<{
      runTests: (...all: unknown[]) => Promise<void>
      getResults(): Results
    }>('client/runner.mjs')
    const { default: suites } = await load<{ default: { id: string; tests: SuiteTest[] }[] }>('tests/index.mjs')
    await runTests(suites, fetchThrough(gateway), false, '', 50)
    const results = getResults()
    const tests = suites.flatMap((suite) => suite.tests).filter(({ id }) => id in results)
    const of = (kind: string) => tests.filter((one) => (one.kind ?? 'required') === kind)
    for (const kind of ['required', 'optimal', 'check']) {
      const passed = of(kind).filter(({ id }) => results[id] === true)
      console.log(`${kind}: ${passed.length} of ${of(kind).length} pass`)
      for (const { id } of of(kind))
        if (results[id] !== true) console.log(`  ${id}: ${(results[id] as string[]).join(': ')}`)
    }
    // A test says nothing where one that it builds on fails, or where its own preparations do: both depend on choices.
    const conclusive = ({ id, depends_on = [] }: SuiteTest) =>
      (results[id] as string[])[0] === 'Assertion' && depends_on.every((other) => results[other] === true)
    const failed = of('required').filter((one) => results[one.id] !== true && conclusive(one))
    expect(failed.map(({ id }) => id)).toEqual(CONTRADICTS_ITSELF)
  },
)

/** The suite's own server, without its files. */
async function startOrigin(): Promise<string> {
  type Handle = (segments: string[], request: http.IncomingMessage, response: http.ServerResponse) => void
  const handlers: Record<string, Handle> = {}
  for (const name of ['config', 'test', 'state']) {
    handlers[name] = (await load<{ default: Handle }>(`server/handle-${name}.mjs`)).default
  }
  const server = http.createServer((request, response) => {
    const [, dispatch = '', ...segments] = (request.url ?? '').split('?', 1)[0]?.split('/') ?? []
    handlers[dispatch]?.(segments, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What the suite wants of fetch: a method, fields and a body out; status, fields and text back. */
function fetchThrough(gateway: TestGateway) {
  return async (url: string, init: { method?: string; headers?: [string, string][]; body?: string } = {}) => {
    const { method = 'GET', headers = [], body } = init
    const fields = headers.map(([name, value]): [string, string] => [name, String(value)])
    const answer = await HTTP1.request(gateway, {
      path: url,
      method,
      headers: fields,
      ...(body === undefined ? {} : { body }),
    })
    const joined = new Map<string, string>()
    for (const [name, value] of answer.fields) {
      const key = name.toLowerCase()
      joined.set(key, joined.has(key) ? `${joined.get(key)}, ${value}` : value)
    }
    const found = Object.assign(joined, {
      get: (name: string) => Map.prototype.get.call(joined, name.toLowerCase()) ?? null,
    })
    const has = (name: string) => Map.prototype.has.call(joined, name.toLowerCase())
    return { status: answer.status, headers: Object.assign(found, { has }), text: async () => answer.text }
  }
}

async function load<T>(file: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(path.join(SUITE, file)).href)) as T
}

function missingSuite(): string | null {
  if (SUITE === '') return 'HTTP_CACHE_TESTS names no folder with the package http-cache-tests'
  try {
    accessSync(path.join(SUITE, 'tests/index.mjs'))
    return null
  } catch {
    return `there is no tests/index.mjs in ${SUITE}`
  }
}
