import pino from 'pino'
import { afterEach, expect, test } from 'vitest'
import { PortWatch } from '../../../../src/main/engine/discovery/port-watch.js'
import type { DiscoveredPort } from '../../../../src/shared/window-schemas.js'
import { until } from '../../../support/wait.js'

const shop: DiscoveredPort = {
  port: 3000,
  addresses: ['127.0.0.1'],
  pid: 1,
  command: 'node',
  folder: '/code/shop',
  framework: null,
  proposedName: 'shop',
  app: null,
}
let watch: PortWatch | undefined

afterEach(() => watch?.stop())

function watched(list: () => Promise<DiscoveredPort[]>) {
  const seen: DiscoveredPort[][] = []
  const warnings: string[] = []
  const log = pino({}, { write: (line) => void warnings.push(line) })
  watch = new PortWatch({ list, onChange: (ports) => seen.push(ports), log })
  return { watch, seen, warnings }
}

test('tells what is there at first, and then only what has changed', async () => {
  let looks = 0
  const { watch, seen } = watched(async () => (++looks < 3 ? [{ ...shop }] : []))
  watch.start()
  await until(() => looks >= 4, 'four looks')
  expect(seen).toEqual([[shop], []])
})

test('looks no more once it is stopped, and a look under way tells nothing', async () => {
  let looks = 0
  let finish: (ports: DiscoveredPort[]) => void = () => {}
  const { watch, seen } = watched(() => {
    looks++
    return new Promise((resolve) => {
      finish = resolve
    })
  })
  watch.start()
  watch.stop()
  finish([shop])
  await new Promise((resolve) => setImmediate(resolve))
  expect({ looks, seen }).toEqual({ looks: 1, seen: [] })
})

test('a look that fails is told once in the log and tried again', async () => {
  let looks = 0
  const { watch, seen, warnings } = watched(async () => {
    if (++looks < 3) throw new Error('no lsof')
    return [shop]
  })
  watch.start()
  await until(() => seen.length > 0, 'a look that succeeds')
  expect(warnings).toHaveLength(1)
})
