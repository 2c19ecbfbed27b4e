import type { AccessSettings } from '../../../../shared/policies/access-schema.js'
import { rangeTest } from '../connection.js'
import { GatewayFault } from '../gateway-fault.js'
import { clientAddress } from './client-address.js'
import { CONTINUE, refuse } from './decision.js'
import type { Policy } from './policy.js'

/** Lets clients in by their address. */
export function makeAccess(settings: AccessSettings): Policy {
  const mayEnter = accessTest(settings)
  return {
    decide: (exchange) => {
      const address = clientAddress(exchange)
      if (mayEnter(address)) return CONTINUE
      exchange.note('access', 'refused')
      return refuse(
        new GatewayFault(
          'forbidden',
          403,
          `${address} may not use this.`,
          'The policy "access" of the app says from which addresses it may be used.',
        ),
      )
    },
  }
}

/** Whether an address may enter: denied is denied, and with a list of the allowed only those are. */
export function accessTest({ allow, deny }: AccessSettings): (address: string) => boolean {
  const allowed = allow === undefined ? () => true : rangeTest(allow)
  const denied = deny === undefined ? () => false : rangeTest(deny)
  return (address) => allowed(address) && !denied(address)
}
