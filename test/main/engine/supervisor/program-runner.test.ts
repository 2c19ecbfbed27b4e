import path from 'node:path'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { Ledger } from '../../../../src/main/engine/supervisor/ledger.js'
import { recover } from '../../../../src/main/engine/supervisor/orphans.js'
import { ProgramRunner } from '../../../../src/main/engine/supervisor/program-runner.js'
import { hostFacts } from '../../../../src/main/platform/host-facts.js'
import { currentPlatform } from '../../../../src/main/platform/platform.js'
import { type PlayedTool, playTool } from '../../../support/played-tool.js'
import { alive } from '../../../support/processes/supervise.js'
import { until } from '../../../support/wait.js'

const LOG = pino({ level: 'silent' })
const SYSTEM = hostFacts(currentPlatform()).processSystem

async function runnerFor(
  { dir }: PlayedTool,
  recovered: (ledger: Ledger) => Promise<void> = async () => {},
): Promise<{ runner: ProgramRunner; ledger: Ledger }> {
  const ledger = await Ledger.open(path.join(dir, 'processes.json'), LOG)
  const runner = new ProgramRunner({
    ...{ system: SYSTEM, ledger, folder: dir, log: LOG },
    recovered: recovered(ledger),
    environment: async () => process.env,
  })
  return { runner, ledger }
}

const plan = ({ program }: PlayedTool) => ({ program, args: ['--url', 'http://127.0.0.1:9'], env: { ADDED: 'yes' } })

test('a program whose gateway was killed is ended by the next one before that starts its own', async () => {
  const played = await playTool([{ print: 'on\n' }])
  const former = await runnerFor(played)
  const run = await former.runner.start('cloudflared', plan(played), () => {})
  onTestFinished(() => run.end(0))
  const { pid, child } = await played.run(0)
  // Noted with what it has started; as after kill -9, the former one knows nothing of the next.
  const noted = async () => (await Ledger.open(path.join(played.dir, 'processes.json'), LOG)).left[0]
  await until(async () => (await noted())?.members.some((member) => member.pid === child), 'both are noted', 10_000)
  expect(await noted()).toMatchObject({ app: 'cloudflared', port: null, leader: { pid } })

  const next = await runnerFor(played, (ledger) => recover(ledger, SYSTEM, LOG))
  const lines: string[] = []
  const again = await next.runner.start('cloudflared', plan(played), (line) => lines.push(line))
  onTestFinished(() => again.end(0))
  expect(await alive([pid, child])).toEqual([])
  await until(() => lines.length > 0, 'the next one runs')
  expect((await played.run(1)).env).toMatchObject({ ADDED: 'yes' })
})

test('lines are whole before its end is told, the last without a line end too', async () => {
  const played = await playTool([{ print: 'one\r\ntwo — drei\nlast', pieces: 1, code: 3 }])
  const { runner } = await runnerFor(played)
  const lines: string[] = []
  const run = await runner.start('ngrok', plan(played), (line) => lines.push(line))
  expect(await run.exited).toEqual({ code: 3, signal: null })
  expect(lines).toEqual(['one', 'two — drei', 'last'])
  await run.end(5_000)
  await run.end(5_000)
  expect((await Ledger.open(path.join(played.dir, 'processes.json'), LOG)).left).toEqual([])
})

test('what runs ends with the process of the gateway, even if nobody has asked it to', async () => {
  const played = await playTool([{ print: 'on\n' }])
  const { runner } = await runnerFor(played)
  const before = process.listeners('exit')
  const run = await runner.start('cloudflared', plan(played), () => {})
  const { child } = await played.run(0)
  const added = process.listeners('exit').filter((listener) => !before.includes(listener))
  for (const listener of added) listener(0)
  await run.exited
  await until(async () => (await alive([run.pid, child])).length === 0, 'both have ended')
  await run.end(0)
  expect(process.listeners('exit')).toEqual(before)
})

test('one that is deaf is given its time, and less of it when that is asked for', async () => {
  const played = await playTool([{ print: 'on\n', deaf: true }])
  const { runner } = await runnerFor(played)
  let isOn = false
  const run = await runner.start('tailscale', plan(played), () => {
    isOn = true
  })
  await until(() => isOn, 'it is on')
  const patient = run.end(60_000)
  expect(await alive([run.pid])).toEqual([run.pid])
  await run.end(0)
  await patient
  expect(await alive([run.pid, (await played.run(0)).child])).toEqual([])
})
