import { CONTINUE } from '../decision.js'
import type { Policy } from '../policy.js'
import { withoutOwnCookies } from './own-cookies.js'

/** For the other routes of an app with sign-ins: its cookies come to them too, and are none of their backends' business. */
export const HIDES_COOKIES: Policy = {
  decide: (exchange) => {
    exchange.editRequest(withoutOwnCookies)
    return CONTINUE
  },
}
