import { formatAuthority } from '../../../shared/hostname.js'
import type { Exchange } from './exchange.js'
import { GatewayFault } from './gateway-fault.js'
import { matchRoute } from './match-route.js'
import type { CompiledApp, CompiledRoute } from './route-table.js'

/**
 * The route of an exchange whose host is known; notes app and route on the exchange.
 *
 * @throws GatewayFault 404 for an unknown host or path, 405 when only the method is wrong, 503 for a disabled app
 */
export function findRoute(exchange: Exchange): CompiledRoute {
  const { app } = exchange
  if (app === null) throw unknownHost(exchange)
  exchange.appName = app.name
  if (!app.enabled) {
    throw new GatewayFault(
      'app-disabled',
      503,
      `${app.name} is disabled.`,
      `Enable it in Portico, or run: portico app enable ${app.name}`,
    )
  }
  const match = matchRoute(app, exchange.method, exchange.pathname)
  if (match.kind === 'method') {
    const allow = match.allow.join(', ')
    throw new GatewayFault('method-not-allowed', 405, `${exchange.method} is not allowed here.`, `Allowed: ${allow}.`, [
      'Allow',
      allow,
    ])
  }
  if (match.kind === 'none') {
    throw new GatewayFault(
      'route-unknown',
      404,
      `${app.name} has no route for ${exchange.pathname.slice(0, 200)}.`,
      `Its routes: ${routeList(app)}.`,
    )
  }
  exchange.route = match.route
  return match.route
}

const LISTED = 20

function unknownHost(exchange: Exchange): GatewayFault {
  const { apps } = exchange.snapshot.table
  const name = exchange.host.replace(/\.localhost$/, '').replaceAll('.', '-')
  const port = exchange.connection.portFor(exchange.clientAuthority)
  const known = apps
    .slice(0, LISTED)
    .map((app) => `${app.name}: https://${formatAuthority(app.hosts[0] as string, port === 443 ? null : port)}`)
  const more = apps.length > LISTED ? `\n… and ${apps.length - LISTED} more` : ''
  const list = apps.length === 0 ? 'There are no apps yet.' : `Known apps:\n${known.join('\n')}${more}`
  return new GatewayFault(
    'host-unknown',
    404,
    `No app is called ${exchange.host}.`,
    `${list}\nTo add this one: portico app add ${name} --port 3000 --host ${exchange.host}`,
  )
}

function routeList(app: CompiledApp): string {
  return app.routes.map((route) => (route.prefix ? `${route.path}/*` : route.path)).join(', ')
}
