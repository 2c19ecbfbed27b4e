import { Fault } from '../../shared/fault.js'
import { withEngine } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/**
 * `portico ca seal` and `unseal`: by the running engine, which alone may change the key's files, and which the desktop
 * app has given the keychain.
 */
export async function caSeal(options: CommonOptions, sealed: boolean): Promise<void> {
  const { keyOpenedBy } = await withEngine(options, (engine) => engine.call('ca.seal', { sealed })).catch((error) => {
    if (!(error instanceof Fault) || error.code !== 'not-running') throw error
    throw new Fault('not-running', error.message, 'Start the desktop app: only it can reach the keychain.')
  })
  print(`The key of the local CA is in ${sealed ? 'the keychain' : 'a file'} now.`)
  print(`It can be opened by ${keyOpenedBy}.`)
}
