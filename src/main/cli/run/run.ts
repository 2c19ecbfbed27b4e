import { Fault } from '../../../shared/fault.js'
import { currentPlatform } from '../../platform/platform.js'
import { processSystem } from '../../platform/process-table/process-system.js'
import { withEngine } from '../locate.js'
import { note } from '../output.js'
import type { CommonOptions } from '../program.js'
import { announce } from './announce.js'
import type { RunWish } from './choose-app.js'
import { Foreground } from './foreground.js'
import { prepareRun } from './prepare-run.js'

/**
 * `portico run`: serves a command for as long as it runs in this terminal.
 *
 * @param name null for one after the project of this folder
 * @param words the command and its arguments
 * @returns the command's exit code
 */
export async function run(
  name: string | null,
  words: readonly string[],
  options: CommonOptions & RunWish,
): Promise<number> {
  if (words.length === 0) {
    throw new Fault(
      'usage',
      'There is no command to run.',
      'It comes after two dashes, as in: portico run -- npm run dev',
    )
  }
  const prepared = await withEngine(options, (engine) => prepareRun(engine, name, words, options))
  try {
    for (const told of prepared.plan.notes) note(`Note: ${told}.`)
    const command = await Foreground.start(prepared.plan, processSystem(currentPlatform()))
    void announce(prepared, words.join(' '), command)
    return await command.ended
  } finally {
    if (prepared.temporary) await forget(prepared.name, options)
  }
}

/** When it does not come to this, or the gateway does not run, the gateway forgets the app by itself. */
async function forget(name: string, options: CommonOptions): Promise<void> {
  try {
    await withEngine(options, async (engine) => {
      const apps = await engine.call('app.list', {})
      const ours = apps.some((app) => app.name === name && app.whilePid === process.pid)
      if (ours) await engine.call('app.remove', { name })
    })
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown
  }
}
