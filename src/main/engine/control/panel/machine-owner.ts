import type { CommandName, Portal } from '../../../../shared/contract.js'
import { Fault } from '../../../../shared/fault.js'

/** What changes the machine itself, whom it trusts or what the network has of it: a matter of who sits at it. */
const CHANGES: ReadonlySet<CommandName> = new Set([
  'trust.apply',
  'system.apply',
  'ca.rotate',
  'ca.seal',
  'lan.set',
  'phones.open',
  'phones.close',
  'share.start',
  'share.relay.save',
  'share.relay.forget',
  'tunnel.open',
])

/** The portal as a window on another machine has it: all but what changes this machine. */
export function withoutMachineChanges(portal: Portal): Portal {
  return {
    on: (name, listener) => portal.on(name, listener),
    call: async (name, params) => {
      if (!CHANGES.has(name)) return portal.call(name, params)
      throw new Fault(
        'forbidden',
        'This changes the machine that Portico runs on, or what others have of it, and this window is on another one.',
        'Do it on the machine itself: in a window there, or with the command line.',
      )
    },
  }
}
