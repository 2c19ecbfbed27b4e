import { Fault } from '../../../shared/fault.js'
import type { TunnelStatus } from '../../../shared/tunnel-schemas.js'
import type { ControlClient } from '../../engine/control/control-client.js'
import { plain, plainJson } from '../escape.js'
import { withEngine } from '../locate.js'
import { note, print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { formatTunnels } from './format-tunnels.js'

/** So long a relay has to let this machine in before the command ends; the gateway goes on trying. */
const PATIENCE_MS = 12_000

/** `portico tunnel open`: the gateway holds it after the command has ended. */
export async function openTunnel(relay: string, options: CommonOptions & { allow?: string[] }): Promise<void> {
  const { allow = [] } = options
  const tunnel = await withEngine(options, (engine) => settled(engine, relay, allow))
  const { state, reason, agent } = tunnel
  if (state === 'ended') throw new Fault('conflict', reason?.message ?? 'It has ended.', reason?.hint)
  if (state === 'connected') print(plain(`Users of ${tunnel.relay} reach services here, as ${agent}.`))
  else note(plain(`${reason?.message ?? 'The relay has not answered yet.'} The gateway goes on trying.`))
  note(plain(`It is held by the gateway until that ends, or: portico tunnel close ${tunnel.relay}`))
}

/** `portico tunnel list` */
export async function listTunnels(options: CommonOptions & { json?: boolean }): Promise<void> {
  const tunnels = await withEngine(options, (engine) => engine.call('tunnel.list', {}))
  if (options.json === true) print(plainJson(tunnels))
  else for (const line of formatTunnels(tunnels)) print(line)
}

/** `portico tunnel close` */
export async function closeTunnel(relay: string, options: CommonOptions): Promise<void> {
  await withEngine(options, (engine) => engine.call('tunnel.close', { relay }))
  print(plain(`Users of ${relay} reach no services here any more.`))
}

/** Opened, and as soon as it is known whether the relay lets this machine in. */
async function settled(engine: ControlClient, relay: string, allow: string[]): Promise<TunnelStatus> {
  const { promise, resolve } = Promise.withResolvers<TunnelStatus>()
  let last = await engine.call('tunnel.open', { relay, allow })
  const look = (tunnels: readonly TunnelStatus[]) => {
    last = tunnels.find((one) => one.relay === last.relay) ?? last
    if (last.state !== 'connecting') resolve(last)
  }
  engine.on('tunnels', look)
  look(await engine.call('tunnel.list', {}))
  const late = setTimeout(() => resolve(last), PATIENCE_MS)
  try {
    return await promise
  } finally {
    clearTimeout(late)
  }
}
