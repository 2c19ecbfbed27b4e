import { expect, test } from 'vitest'
import type { AgentConnection } from '../../../../../src/main/engine/tunnel/relay/agent-link.js'
import { leastBusy } from '../../../../../src/main/engine/tunnel/relay/agents.js'

test('the connection with the least to do is asked first, and none twice', () => {
  const [busy, idle, middle] = [5, 0, 2].map((streams) => ({ link: { streams } }) as AgentConnection)
  const all = [busy!, idle!, middle!]
  expect(leastBusy(all, new Set())).toBe(idle)
  expect(leastBusy(all, new Set([idle!]))).toBe(middle)
  expect(leastBusy(all, new Set(all))).toBeNull()
})
