import type { Listener } from '../shared/contract.js'

/** The ports of the listeners, each once, HTTPS first: "443 · 80". */
export function listenText(listeners: readonly Listener[]): string {
  const ports = (protocol: string) => listeners.filter((one) => one.protocol === protocol).map(({ port }) => port)
  return [...new Set([...ports('https'), ...ports('http')])].join(' · ')
}
