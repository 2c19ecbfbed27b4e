import { expect, test } from 'vitest'
import { PreloadTransport } from '../../src/renderer/preload-transport.js'
import type { Connection } from '../../src/renderer/transport.js'

test('the state of the process is that of the connection, and a reason is what is said', () => {
  const { states, tell } = connected()
  tell({ state: 'running', reason: null })
  tell({ state: 'restarting', reason: { code: 'not-running', message: 'It ended.', hint: 'It is started again.' } })
  tell({ state: 'starting', reason: null })
  tell({ state: 'what?' })
  tell({ state: 'stopped', reason: null })
  expect(states).toMatchObject([
    { state: 'connecting' },
    { state: 'connected' },
    { state: 'disconnected', hint: 'It ended. It is started again.' },
    { state: 'connecting' },
    { state: 'disconnected', hint: 'The gateway is stopped.' },
  ])
})

test('trying again starts the engine', () => {
  const { transport, calls } = connected()
  transport.retry()
  expect(calls).toEqual(['engine.start'])
})

function connected() {
  const calls: string[] = []
  let tell: (payload: unknown) => void = () => {}
  const transport = new PreloadTransport({
    call: async (name) => {
      calls.push(name)
      return { result: {} }
    },
    on: (name, listener) => {
      if (name === 'engine') tell = listener
      return () => {}
    },
  })
  const states: Connection[] = []
  transport.watch((connection) => states.push(connection))
  return { transport, calls, states, tell: (payload: unknown) => tell(payload) }
}
