import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../shared/fault.js'
import { findHolder } from '../engine/control/instance-lock.js'
import { currentPlatform } from '../platform/platform.js'
import { formatListener, formatProblem } from './format-status.js'
import { dataDirOf, withEngine } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

const STOP_MS = 15_000
const LOOK_MS = 50

/** `portico reload`: succeeds when the file as it is now is the one that is served. */
export async function reload(options: CommonOptions): Promise<void> {
  const { ok, problems } = await withEngine(options, (engine) => engine.call('config.reload', {}))
  if (ok) return print('The config file is applied.')
  throw new Fault(
    'config-invalid',
    [
      'The config file is not valid; the last good one stays in use.',
      ...problems.map((one) => `  ${formatProblem(one)}`),
    ].join('\n'),
    'Correct it: it is applied as soon as it is saved.',
  )
}

/** `portico pause`: returns when nothing is listened on any more. */
export async function pause(options: CommonOptions): Promise<void> {
  await withEngine(options, (engine) => engine.call('gateway.pause', {}))
  print('Portico is off: it listens nowhere. Turn it on again with: portico resume')
}

/** `portico resume`: prints what is listened on again. */
export async function resume(options: CommonOptions): Promise<void> {
  const { listeners } = await withEngine(options, (engine) => engine.call('gateway.resume', {}))
  print('Portico is on and listens on:')
  for (const listener of listeners) print(`  ${formatListener(listener)}`)
}

/** `portico stop`: returns when the engine is gone and another could start. */
export async function stop(options: CommonOptions): Promise<void> {
  const dataDir = dataDirOf(options)
  await withEngine(options, (engine) => engine.call('stop', {}))
  for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; await delay(LOOK_MS)) {
    if ((await findHolder({ dataDir, platform: currentPlatform() })) === null) return print('Portico has stopped.')
  }
  throw new Fault('internal', 'Portico was asked to stop and still runs.', 'Look at it with: portico status')
}
