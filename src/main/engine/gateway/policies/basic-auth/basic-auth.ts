import type { BasicAuthSettings } from '../../../../../shared/policies/auth-schemas.js'
import type { Exchange } from '../../exchange.js'
import { removeField } from '../../field-edits.js'
import { GatewayFault } from '../../gateway-fault.js'
import { headerValues, type RawHeaders } from '../../headers.js'
import { CONTINUE, type Decision, refuse } from '../decision.js'
import type { Policy, PolicyScope } from '../policy.js'
import { fieldText, withTrustedFields } from '../trusted-fields.js'
import { type Credentials, readCredentials } from './credentials.js'
import { PasswordChecks } from './password-checks.js'

/** Asks for user name and password (RFC 7617). */
export class BasicAuthPolicy implements Policy {
  readonly #settings: BasicAuthSettings
  readonly #realm: string
  readonly #checks: PasswordChecks

  constructor(settings: BasicAuthSettings, { app }: PolicyScope) {
    this.#settings = settings
    this.#realm = settings.realm ?? app
    this.#checks = new PasswordChecks(settings.users)
  }

  decide(exchange: Exchange): Decision | Promise<Decision> {
    const credentials = readCredentials(headerValues(exchange.headers, 'authorization'))
    if (credentials === 'malformed') return this.#refuse(exchange, 'The user name and password cannot be read.')
    if (credentials === 'none') return this.#refuse(exchange, 'This needs a user name and a password.')
    const right = this.#checks.check(credentials, exchange.connection.client, Date.now())
    if (right === null) return this.#busy(exchange)
    if (right === true) return this.#pass(exchange, credentials)
    return right.then((matches) =>
      matches ? this.#pass(exchange, credentials) : this.#refuse(exchange, 'User name or password is wrong.'),
    )
  }

  close(): void {
    this.#checks.close()
  }

  #pass(exchange: Exchange, { user }: Credentials): Decision {
    const { userHeader, passAuthorization } = this.#settings
    exchange.identified = true
    if (userHeader === undefined && passAuthorization === true) return CONTINUE
    exchange.editRequest((headers: RawHeaders) => {
      if (passAuthorization !== true) removeField(headers, 'authorization')
      return userHeader === undefined
        ? headers
        : withTrustedFields(headers, [{ name: userHeader, value: fieldText(user) }])
    })
    return CONTINUE
  }

  #refuse(exchange: Exchange, message: string): Decision {
    exchange.note('basicAuth', 'refused')
    return refuse(
      new GatewayFault('unauthorized', 401, message, 'Sign in with a user name and password that the config has.', [
        'WWW-Authenticate',
        `Basic realm="${this.#realm}", charset="UTF-8"`,
      ]),
    )
  }

  #busy(exchange: Exchange): Decision {
    exchange.note('basicAuth', 'busy')
    return refuse(
      new GatewayFault('overloaded', 503, 'Too many passwords are being checked.', 'Try again in a moment.', [
        'Retry-After',
        '1',
      ]),
    )
  }
}
