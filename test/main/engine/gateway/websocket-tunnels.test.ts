import { expect, test } from 'vitest'
import { GatewayFault } from '../../../../src/main/engine/gateway/gateway-fault.js'
import { Tunnels } from '../../../../src/main/engine/gateway/websocket-tunnels.js'

test('there are never more places than the limit, and each is given back once', () => {
  const tunnels = new Tunnels()
  const first = tunnels.reserve(2)
  tunnels.reserve(2)
  expect(() => tunnels.reserve(2)).toThrow(GatewayFault)
  first()
  first()
  expect(tunnels.size).toBe(1)
  tunnels.reserve(2)
  expect(() => tunnels.reserve(2)).toThrow('There are 2 WebSockets open already.')
})

test('ending ends what is open, and what opens later at once', () => {
  const tunnels = new Tunnels()
  const ended: string[] = []
  const tunnel = (name: string) => ({ end: () => void ended.push(name) })
  const closed = tunnel('closed before')
  tunnels.add(closed)
  tunnels.delete(closed)
  tunnels.add(tunnel('open'))
  expect(ended).toEqual([])
  tunnels.end()
  expect(ended).toEqual(['open'])
  tunnels.add(tunnel('late'))
  expect(ended).toEqual(['open', 'late'])
})
