import { devNull } from 'node:os'
import { expect, test } from 'vitest'
import { cloudflared } from '../../../../../src/main/engine/share/tools/cloudflared.js'
import { readRun, recorded, told } from '../../../../support/share-tools.js'

const EXITED = { code: 1, signal: null }

test.each([
  ['cloudflared-2026.8.3.txt', 'https://one-quiet-river-example.trycloudflare.com'],
  ['cloudflared-2025.8.0-colours.txt', 'https://two-coloured-names-example.trycloudflare.com'],
  ['cloudflared-2025.8.1-windows.txt', 'https://three-saw-windows-example.trycloudflare.com'],
  ['cloudflared-2022.12.1.txt', 'https://four-solo-younger-example.trycloudflare.com'],
])('%s: it is open when the connection is registered', (name, url) => {
  expect(told('cloudflared', name)).toEqual([{ type: 'open', url }])
  const crlf = readRun('cloudflared', recorded(name).replaceAll('\n', '\r\n')).signs
  expect(crlf.filter(({ type }) => type !== 'note')).toEqual([{ type: 'open', url }])
  const before = recorded(name).split(/[^\n]*egistered/)[0] ?? ''
  expect(before).toContain(url)
  expect(readRun('cloudflared', before).signs.filter(({ type }) => type === 'open')).toEqual([])
})

test('where UDP is blocked it says so, and is open by HTTP/2 then', () => {
  const signs = told('cloudflared', 'cloudflared-2022.7-quic-blocked.txt')
  expect(signs[0]).toMatchObject({ type: 'lost', message: expect.stringContaining('does not reach Cloudflare') })
  expect(signs[0]).toMatchObject({ hint: expect.stringContaining('7844') })
  expect(signs.at(-1)).toEqual({ type: 'open', url: 'https://five-no-udp-example.trycloudflare.com' })
})

test('a network that lets neither through is told by its own check', () => {
  const line = '2026-09-03T08:51:44Z INF precheck complete hard_fail=true run_id=00000000-0000-4000-8000-000000000000'
  expect(readRun('cloudflared', line).signs).toMatchObject([{ type: 'lost', hint: expect.stringContaining('7844') }])
})

test('it is lost with the last of its connections, and open with the first that is back', () => {
  const url = 'https://six-four-lines-example.trycloudflare.com'
  const types = told('cloudflared', 'cloudflared-2024.1-flapping.txt').map(({ type }) => type)
  expect(types.join(' ').replace(/(lost )+/g, 'lost ')).toBe('open open lost open')
  expect(told('cloudflared', 'cloudflared-2024.1-flapping.txt').at(-1)).toEqual({ type: 'open', url })
  const oneLost = recorded('cloudflared-2024.1-flapping.txt').split('\n').slice(0, 8).join('\n')
  expect(readRun('cloudflared', oneLost).signs.filter(({ type }) => type === 'lost')).toEqual([])
})

test('a connection that is lost in the night is waiting for itself', () => {
  const [open, ...lost] = told('cloudflared', 'cloudflared-2026.7-lost.txt')
  expect(open).toEqual({ type: 'open', url: 'https://seven-night-example.trycloudflare.com' })
  expect(lost).not.toEqual([])
  for (const sign of lost) expect(sign).toEqual({ type: 'lost', message: 'The connection to Cloudflare is lost.' })
})

test('a tunnel that Cloudflare has forgotten is made anew', () => {
  const { output } = readRun('cloudflared', recorded('cloudflared-forgotten.txt'))
  expect(output.failure).toMatchObject({ again: 'later', message: expect.stringContaining('given up the address') })
})

test.each([
  ['cloudflared-rate-limited.txt', /no more addresses/, 300_000],
  ['cloudflared-2023.5.0-refused.txt', /^Cloudflare gave no address\.$/, 60_000],
  ['cloudflared-2026.3.0-forbidden.txt', /^Cloudflare gave no address: 403 Forbidden\.$/, 60_000],
  ['cloudflared-2022.1.3-offline.txt', /cannot be asked for an address: .*no such host\.$/, undefined],
])('%s: why there is no address, and when it is asked again', (name, message, waitMs) => {
  const { output } = readRun('cloudflared', recorded(name))
  const failure = output.meaningOf(EXITED, cloudflared.title)
  expect(failure).toMatchObject({ again: 'later', message: expect.stringMatching(message) })
  expect(failure.waitMs).toBe(waitMs)
  expect(failure.unexplained).toBeUndefined()
})

test('an end that nobody knows is told in its own last words, without what it says every time', () => {
  const log = recorded('cloudflared-2025.8.1-windows.txt')
  const { output } = readRun(
    'cloudflared',
    `${log}2025-10-04T19:06:00Z ERR Error opening metrics server listener error="no"\n`,
  )
  expect(output.meaningOf(EXITED, cloudflared.title)).toMatchObject({
    message: 'Cloudflare Tunnel ended with code 1: Error opening metrics server listener error="no".',
    unexplained: true,
  })
  const early = `2025-10-04T19:05:44Z ERR Something that came right again\n${log}`
  expect(readRun('cloudflared', early).output.meaningOf(EXITED, cloudflared.title).message).toBe(
    'Cloudflare Tunnel ended with code 1.',
  )
})

test('one that is too old for what it is told is not tried again', () => {
  const text = 'Incorrect Usage: flag provided but not defined: -protocol\n'
  expect(readRun('cloudflared', text).output.failure).toMatchObject({ again: 'no', hint: 'Update cloudflared.' })
})

test('neither the person’s config nor variables make it another tunnel', () => {
  const { args, withoutEnv } = cloudflared.plan('/usr/bin/cloudflared', 4321, 0)
  expect(args.join(' ')).toContain(`tunnel --config ${devNull} `)
  expect(args.slice(-2)).toEqual(['--url', 'http://127.0.0.1:4321'])
  expect(args).toContain('--no-autoupdate')
  expect(args.join(' ')).toContain('--protocol auto')
  const names = ['TUNNEL_NAME', 'TUNNEL_URL', 'TUNNEL_HOSTNAME', 'TUNNEL_LOGLEVEL', 'TUNNEL_TOKEN', 'tunnel_name']
  expect(names.filter((name) => !withoutEnv?.test(name))).toEqual([])
  const kept = ['TUNNEL_EDGE_IP_VERSION', 'TUNNEL_REGION', 'HTTPS_PROXY', 'PATH', 'MY_TUNNEL_NAME']
  expect(kept.filter((name) => withoutEnv?.test(name))).toEqual([])
})

test.each([
  ['cloudflared version 2026.8.3 (built 2026-08-27-1122 UTC)', '2026.8.3'],
  ['cloudflared version DEV (built unknown)', null],
])('its version: %s', (output, version) => {
  expect(cloudflared.readVersion(output)).toBe(version)
})
