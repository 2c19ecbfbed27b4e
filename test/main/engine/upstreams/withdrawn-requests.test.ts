import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Upstreams } from '../../../../src/main/engine/upstreams/upstreams.js'
import { type BlackHole, startBlackHole, synSentTo } from '../../../support/hostile/black-hole.js'
import { until } from '../../../support/wait.js'
import { CLIENT, NONE, target } from './target.js'

const linux = process.platform === 'linux'
let hole: BlackHole
const pools = new Upstreams()

beforeEach(async () => {
  if (linux) hole = await startBlackHole()
})

afterEach(async () => {
  await pools.destroy()
  if (linux) await hole.close()
})

function backend() {
  const pool = pools.pick(target([`http://127.0.0.1:${hole.port}`]), CLIENT, 8_000, NONE)
  if (pool === null) throw new Error('no backend')
  return pool
}

function request(body: Readable | null) {
  const errors: string[] = []
  const unused = () => {}
  const handler = {
    onRequestStart: unused,
    onResponseStart: unused,
    onResponseData: unused,
    onResponseEnd: unused,
    onResponseError: (_controller: unknown, error: Error) => void errors.push(error.name),
  }
  return { errors, handler, options: { method: 'POST', path: '/', headers: [], body } as never }
}

test.skipIf(!linux)('a request withdrawn while its connection is made ends the attempt', async () => {
  const { options, handler, errors } = request(null)
  const withdraw = backend().dispatch(options, handler)
  await until(async () => (await synSentTo(hole.port)) === 1, 'it dials')
  withdraw()
  await until(async () => (await synSentTo(hole.port)) === 0, 'it dials no more', 1_000)
  expect(errors).toEqual(['Withdrawn'])
})

test.skipIf(!linux)('a request withdrawn before its turn has no connection made for it', async () => {
  const { options, handler, errors } = request(new Readable({ read: () => {} }))
  backend().dispatch(options, handler)()
  await until(() => errors.length > 0, 'it has failed', 1_000)
  expect(errors).toEqual(['Withdrawn'])
  expect(await synSentTo(hole.port)).toBe(0)
})

test.skipIf(!linux)('another request that waits for the same backend is not disturbed', async () => {
  const pool = backend()
  const gone = request(null)
  const staying = request(null)
  const withdraw = pool.dispatch(gone.options, gone.handler)
  pool.dispatch(staying.options, staying.handler)
  await until(async () => (await synSentTo(hole.port)) === 2, 'both dial')
  withdraw()
  await until(async () => (await synSentTo(hole.port)) === 1, 'one dials', 1_000)
  expect(staying.errors).toEqual([])
})
