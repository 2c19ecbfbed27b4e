import { readFile } from 'node:fs/promises'
import http from 'node:http'
import path from 'node:path'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { type ToolTiming, ToolTunnel, type ToolTunnelEvent } from '../../src/main/engine/share/tools/tool-tunnel.js'
import { Ledger } from '../../src/main/engine/supervisor/ledger.js'
import { ProgramRunner } from '../../src/main/engine/supervisor/program-runner.js'
import { hostFacts } from '../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../src/main/platform/platform.js'
import type { ShareTool } from '../../src/shared/share-schemas.js'
import { upstreamOf } from '../support/for-this-test.js'
import { type Act, type PlayedTool, playTool } from '../support/played-tool.js'
import { alive } from '../support/processes/supervise.js'
import { recorded } from '../support/share-tools.js'
import { until } from '../support/wait.js'

const LOG = pino({ level: 'silent' })
const OPEN = recorded('cloudflared-2026.8.3.txt')
const URL_OPEN = 'https://one-quiet-river-example.trycloudflare.com'

interface Played {
  played: PlayedTool
  tunnel: ToolTunnel
  events: ToolTunnelEvent[]
  /** failures in a row for which a pause was asked */
  pauses: number[]
  reaches(type: ToolTunnelEvent['type'], times?: number): Promise<ToolTunnelEvent>
  ledger(): Promise<unknown[]>
}

interface Wish {
  tool?: ShareTool
  port?: number
  timing?: Partial<ToolTiming>
  program?: string
}

async function show(
  acts: readonly Act[],
  { tool = 'cloudflared', port = 9, timing, program }: Wish = {},
): Promise<Played> {
  const played = await playTool(acts)
  const events: ToolTunnelEvent[] = []
  const pauses: number[] = []
  const tunnel = new ToolTunnel({
    ...{ tool, port, log: LOG },
    program: program ?? played.program,
    runner: new ProgramRunner({
      system: hostFacts(currentPlatform()).processSystem,
      ledger: await Ledger.open(path.join(played.dir, 'processes.json'), LOG),
      recovered: Promise.resolve(),
      environment: async () => ({ ...process.env, TUNNEL_NAME: 'other', TUNNEL_REGION: 'us', NOTIFY_SOCKET: '/run/x' }),
      folder: played.dir,
      log: LOG,
    }),
    onEvent: (event) => events.push(event),
    timing: {
      backOffMs: (failures) => {
        pauses.push(failures)
        return 20
      },
      ...{ stableMs: 60_000, patienceMs: 60_000, graceMs: 10_000 },
      ...timing,
    },
  })
  onTestFinished(() => tunnel.close(0))
  const count = (type: string) => events.filter((event) => event.type === type).length
  return {
    played,
    tunnel,
    events,
    pauses,
    reaches: async (type, times = 1) => {
      await until(
        () => count(type) >= times,
        () => `${type}, ${times} times: ${JSON.stringify(events)}`,
        15_000,
      )
      return events.filter((event) => event.type === type)[times - 1] as ToolTunnelEvent
    },
    ledger: async () => JSON.parse(await readFile(path.join(played.dir, 'processes.json'), 'utf8')).entries,
  }
}

function visit(edge: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: edge, path: '/hello', agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve)
    })
    request.on('error', reject)
  })
}

test('visitors come by the tool to the port, whose address is read from output in pieces and in colours', async () => {
  const app = await upstreamOf((request, response) => response.end(`you want ${request.url}`))
  const colours = recorded('cloudflared-2025.8.0-colours.txt').replaceAll('\n', '\r\n')
  const { played, tunnel, events, reaches, ledger } = await show([{ print: colours, pieces: 7 }], { port: app.port })
  await reaches('open')
  expect(events).toEqual([{ type: 'open', url: 'https://two-coloured-names-example.trycloudflare.com' }])
  const { pid, child, edge, args, env } = await played.run(0)
  expect(args.slice(-2)).toEqual(['--url', `http://127.0.0.1:${app.port}`])
  expect(env).toMatchObject({ TUNNEL_REGION: 'us' })
  expect(Object.keys(env).filter((name) => ['TUNNEL_NAME', 'NOTIFY_SOCKET'].includes(name))).toEqual([])
  expect(await visit(edge)).toBe('you want /hello')
  await until(async () => (await ledger()).length === 1, 'it is noted')
  await tunnel.close()
  expect(await alive([pid, child])).toEqual([])
  expect(await ledger()).toEqual([])
  expect(events).toHaveLength(1)
})

test('one that crashes is started again after a pause, and its new address is told', async () => {
  const anew = OPEN.replaceAll('one-quiet-river', 'another-day')
  const { played, events, pauses, reaches } = await show([{ print: OPEN }, { print: anew }])
  expect(await reaches('open')).toEqual({ type: 'open', url: URL_OPEN })
  const { pid, child } = await played.run(0)
  process.kill(pid, 'SIGKILL')
  expect(await reaches('open', 2)).toEqual({ type: 'open', url: 'https://another-day-example.trycloudflare.com' })
  expect(events[1]).toEqual({ type: 'waiting', reason: 'Cloudflare Tunnel was ended by SIGKILL.', retryMs: 20 })
  expect(pauses).toEqual([1])
  // What it had started has lost whom it worked for.
  expect(await alive([pid, child])).toEqual([])
})

test('one that does not hear is ended by force, and so is one that is still starting', async () => {
  const deaf = await show([{ print: OPEN, deaf: true }], { timing: { graceMs: 300 } })
  await deaf.reaches('open')
  const { pid, child } = await deaf.played.run(0)
  await deaf.tunnel.close()
  expect(await alive([pid, child])).toEqual([])
  const early = await show([{ print: OPEN }])
  await early.tunnel.close()
  expect(early.events).toEqual([])
  const runs = await early.played.runs()
  expect(await alive(runs.flatMap((run) => [run.pid, run.child]))).toEqual([])
})

test('without an account it ends for good, with what to do', async () => {
  const print = recorded('ngrok-3.39.6-no-account.json.txt')
  const { played, events, reaches } = await show([{ print, code: 1 }], { tool: 'ngrok' })
  expect(await reaches('ended')).toMatchObject({ reason: expect.stringContaining('ngrok asks for an account.') })
  expect(events).toHaveLength(1)
  expect(await played.runs()).toHaveLength(1)
})

test('a tool that would ask for ever for what it does not get is ended, and asks anew', async () => {
  const forgotten = OPEN + recorded('cloudflared-forgotten.txt')
  const { played, events, reaches } = await show([{ print: forgotten }, { print: OPEN }])
  await reaches('open', 2)
  expect(events[1]).toMatchObject({ type: 'waiting', reason: expect.stringContaining('given up the address') })
  const [first] = await played.runs()
  expect(await alive([first?.pid ?? null])).toEqual([])
})

test('a port that is taken leads to the next one, at once', async () => {
  const taken = { print: recorded('tailscale-port-taken.txt'), code: 1 }
  const open = { print: recorded('tailscale-1.52-funnel.txt') }
  const { played, events, pauses, reaches } = await show([taken, open], { tool: 'tailscale' })
  await reaches('open')
  expect(events).toEqual([{ type: 'open', url: 'https://my-machine.tail1234.ts.net:8443' }])
  const ports = (await played.runs()).map(({ args }) => args.find((word) => word.startsWith('--https')))
  expect(ports).toEqual(['--https=443', '--https=8443'])
  expect(pauses).toEqual([])
})

test('one that always crashes is not started for ever', async () => {
  const print = 'panic: runtime error: invalid memory address\n'
  const { played, events, pauses, reaches } = await show([{ print, code: 2 }], { timing: { graceMs: 0 } })
  expect(await reaches('ended')).toEqual({
    type: 'ended',
    reason:
      'Cloudflare Tunnel ended with code 2: panic: runtime error: invalid memory address. It is not tried any more.',
  })
  expect(pauses).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(await played.runs()).toHaveLength(10)
  expect(events.at(-1)?.type).toBe('ended')
})

test('one that says nothing is said to be slow, and one that is gone cannot be started', async () => {
  const slow = await show([{ print: '' }], { timing: { patienceMs: 50 } })
  expect(await slow.reaches('waiting')).toEqual({
    type: 'waiting',
    reason: 'Cloudflare Tunnel has not told an address yet.',
    retryMs: null,
  })
  const gone = await show([{ print: '' }], { program: '/nowhere/cloudflared' })
  expect(await gone.reaches('ended')).toEqual({
    type: 'ended',
    reason: 'The program "/nowhere/cloudflared" was not found.',
  })
})
