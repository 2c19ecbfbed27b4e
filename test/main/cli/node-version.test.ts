import { expect, test } from 'vitest'
import { nodeRefusal } from '../../../src/main/cli/node-version.js'

test.each(['22.23.0', '22.30.1', '24.17.0', '24.21.0', '26.3.1', '26.4.0', '27.0.0'])(
  'Node %s is good enough',
  (version) => {
    expect(nodeRefusal(version)).toBeNull()
  },
)

test.each(['0.12.0', '18.20.8', '20.20.2', '21.7.3', '22.22.9', '23.11.0', '24.16.9', '25.9.0', '26.3.0', 'nonsense'])(
  'Node %s is refused in one sentence that says what is needed',
  (version) => {
    expect(nodeRefusal(version)).toMatch(/^Portico needs Node 24\.17 or later, or 22\.23 or later \(this is [^\n]+$/)
    expect(nodeRefusal(version)).toContain(version)
  },
)
