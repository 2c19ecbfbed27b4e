import { renderUnicodeCompact } from 'uqr'
import { Fault } from '../../shared/fault.js'
import type { ControlClient } from '../engine/control/control-client.js'
import { withEngine } from './locate.js'
import { note, print, styled } from './output.js'
import type { CommonOptions } from './program.js'
import { untilUnwanted } from './until-unwanted.js'

const LOOK_MS = 1_000

/** `portico ca share`: opens the page for phones and stays until nobody wants it, or its time is over. */
export async function caShare(options: CommonOptions): Promise<void> {
  const unwanted = untilUnwanted()
  await withEngine(options, async (engine) => {
    const { urls, expiresAt, lan } = await engine.call('phones.open', {})
    const [url = '', ...others] = urls
    print(qrCode(url))
    print(`Open this on the phone, which must be in the same network: ${styled('cyan', url)}`)
    if (others.length > 0) print(`If that does not load: ${others.join(' or ')}`)
    if (!lan.enabled) print('The apps are not open to the network yet: set "lan": {"enabled": true} in the config.')
    const until = new Date(expiresAt ?? Date.now())
    note(`The page is there until ${until.toLocaleTimeString()}, or until Ctrl-C.`)
    const ended = await Promise.race([unwanted, engine.closed.then(() => 'gone' as const), closedIn(engine)])
    if (ended === 'gone') throw new Fault('not-running', 'Portico has stopped.', 'Start it with: portico serve')
    if (ended === 'closed') return note('The page is closed.')
    await engine.call('phones.close', {})
    note('The page is closed.')
  })
}

/** Dark squares on light ground, whatever the colours of the terminal: the blocks that it is drawn with are the ground. */
function qrCode(url: string): string {
  const lines = renderUnicodeCompact(url, { border: 2 }).split('\n')
  return lines.map((line) => styled(['whiteBright', 'bgBlack'], line)).join('\n')
}

/** Resolves when the page is gone: its time is over, or somebody else has closed it. */
async function closedIn(engine: ControlClient): Promise<'closed'> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref())
    const { open } = await engine.call('phones.status', {}).catch(() => ({ open: true }))
    if (!open) return 'closed'
  }
}
