import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ToolGate } from '../../../../src/main/engine/share/tool-gate.js'
import type { ShareTool } from '../../../../src/shared/share-schemas.js'

/** A request as the parser leaves it. @param fields flat */
function request(...fields: string[]): IncomingMessage {
  const message = new IncomingMessage(new Socket())
  message.rawHeaders = fields
  for (let at = 0; at < fields.length; at += 2) {
    const name = (fields[at] as string).toLowerCase()
    message.headersDistinct[name] = [...(message.headersDistinct[name] ?? []), fields[at + 1] as string]
  }
  return message
}

function openedGate(tool: ShareTool, url = 'https://calm.example'): ToolGate {
  const gate = new ToolGate(tool, null)
  gate.opened(url)
  return gate
}

test.each([
  ['cloudflared', ['CF-Connecting-IP', '203.0.113.9', 'X-Forwarded-For', '10.6.6.6, 172.70.1.1'], '203.0.113.9'],
  ['cloudflared', ['X-Forwarded-For', '10.6.6.6, 203.0.113.9'], '203.0.113.9'],
  ['ngrok', ['X-Forwarded-For', '10.6.6.6, 203.0.113.9', 'CF-Connecting-IP', '10.6.6.6'], '203.0.113.9'],
  ['ngrok', ['X-Forwarded-For', '10.6.6.6', 'X-Forwarded-For', '2001:db8::9'], '2001:db8::9'],
  ['tailscale', ['X-Forwarded-For', '100.64.0.7'], '100.64.0.7'],
  ['tailscale', ['X-Forwarded-For', 'unknown'], '127.0.0.1'],
  ['tailscale', [], '127.0.0.1'],
] as const)('%s with %j: the visitor is %s', (tool, fields, client) => {
  const written = openedGate(tool).fields(request('Host', 'calm.example', ...fields))
  const of = (name: string) => written.flatMap((one, at) => (one === name ? [written[at + 1]] : []))
  expect(of('X-Forwarded-For')).toEqual([client])
  expect(of('X-Real-IP')).toEqual([client])
  expect(of('Forwarded')[0]).toContain(client.includes(':') ? `for="[${client}]"` : `for=${client};`)
})

test('what a visitor writes of itself and of the way is taken out, however it is spelt; all else stays', () => {
  const forged = ['x-forwarded-host', 'evil', 'X_Forwarded_Proto', 'http', 'FORWARDED', 'for=1', 'X-Real-Ip', '1']
  forged.push('CF-Connecting-IP', '1', 'True-Client-IP', '1', 'Tailscale-User-Login', 'ada@example.com')
  const kept = ['Host', 'calm.example', 'Authorization', 'Bearer x', 'CF-Ray', '8f', 'Accept', '*/*']
  expect(openedGate('ngrok', 'https://calm.example:8443').fields(request(...forged, ...kept))).toEqual([
    ...kept,
    ...['X-Forwarded-For', '127.0.0.1', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'calm.example:8443'],
    ...['X-Forwarded-Port', '8443', 'X-Real-IP', '127.0.0.1'],
    ...['Forwarded', 'for=127.0.0.1;host="calm.example:8443";proto=https'],
  ])
})

test('only the public Host is let in, with its port or without, and none before it is known', () => {
  const status = (gate: ToolGate, ...hosts: string[]) => {
    const verdict = gate.admit(request(...hosts.flatMap((host) => ['Host', host])))
    return verdict instanceof Promise ? 'later' : (verdict?.status ?? 'in')
  }
  const gate = openedGate('tailscale', 'https://laptop.tail1234.ts.net:8443')
  const hosts = ['laptop.tail1234.ts.net', 'LAPTOP.tail1234.ts.net:8443', 'other.ts.net', 'localhost', '127.0.0.1', '']
  expect(hosts.map((host) => status(gate, host))).toEqual(['in', 'in', 421, 421, 421, 421])
  expect(status(gate)).toBe(421)
  expect(status(gate, 'laptop.tail1234.ts.net', 'laptop.tail1234.ts.net')).toBe(421)
  expect(status(new ToolGate('ngrok', null), 'laptop.tail1234.ts.net')).toBe(421)
})
