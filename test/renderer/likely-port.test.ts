import { expect, test } from 'vitest'
import { likelyPort } from '../../src/renderer/features/apps/likely-port.js'
import type { AppStatus } from '../../src/shared/contract.js'
import type { DiscoveredPort } from '../../src/shared/window-schemas.js'

test('a listener that would be called as the app is the likely one, whatever else listens', () => {
  const ports = [found(5000, { framework: 'Vite' }), found(5173, { proposedName: 'shop-2' })]
  expect(likelyPort(app({ port: 3000 }), ports)?.port).toBe(5173)
})

test('else it is the only one whose framework is known; of several none', () => {
  expect(likelyPort(app({ port: 3000 }), [found(5000), found(5173, { framework: 'Vite' })])?.port).toBe(5173)
  const two = [found(5000, { framework: 'Astro' }), found(5173, { framework: 'Vite' })]
  expect(likelyPort(app({ port: 3000 }), two)).toBeNull()
})

test('what is an app already is no candidate, and an app without a port has none', () => {
  expect(likelyPort(app({ port: 3000 }), [found(5173, { proposedName: 'shop', app: 'other' })])).toBeNull()
  expect(likelyPort(app({ static: { dir: './site' } }), [found(5173, { proposedName: 'shop' })])).toBeNull()
})

function app(target: object): AppStatus {
  return { name: 'shop', app: { name: 'shop', ...target } } as AppStatus
}

function found(port: number, change: Partial<DiscoveredPort> = {}): DiscoveredPort {
  return { port, framework: null, proposedName: `port-${port}`, app: null, ...change } as DiscoveredPort
}
