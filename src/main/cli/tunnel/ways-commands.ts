import { Fault } from '../../../shared/fault.js'
import type { ShareWay } from '../../../shared/share-schemas.js'
import { plain, plainJson } from '../escape.js'
import { withEngine } from '../locate.js'
import { print } from '../output.js'
import type { CommonOptions } from '../program.js'
import { formatTable } from '../table.js'
import { type AccessOptions, givenAuthority, givenToken } from './relay-access.js'

/** `portico shares ways` */
export async function listWays(options: CommonOptions & { json?: boolean }): Promise<void> {
  const ways = await withEngine(options, (engine) => engine.call('share.ways', {}))
  if (options.json === true) return print(plainJson(ways))
  for (const line of formatTable(['BY', 'STATE', 'WHAT'], ways.map(wayCells))) print(line)
  if (!ways.some(({ kind }) => kind === 'relay'))
    print('No relay is saved: portico shares save wss://relay.example.com')
}

/** `portico shares save`: kept when the relay lets this machine in. */
export async function saveRelay(url: string, options: CommonOptions & AccessOptions): Promise<void> {
  if (options.agent !== undefined) {
    throw new Fault('usage', '--agent is not saved: the token is for one agent anyway.', 'Leave it out.')
  }
  const token = await givenToken(options, process.env)
  const ca = options.ca === undefined ? {} : { ca: await givenAuthority(options.ca) }
  await withEngine(options, (engine) => engine.call('share.relay.save', { url, token, ...ca }))
  print('The relay is saved. Share an app by it: portico share APP')
}

/** `portico shares forget` */
export async function forgetRelay(url: string, options: CommonOptions): Promise<void> {
  await withEngine(options, (engine) => engine.call('share.relay.forget', { url }))
  print('The relay and its token are forgotten.')
}

function wayCells(way: ShareWay): string[] {
  if (way.kind === 'relay')
    return [plain(way.url), 'saved', way.customCa ? 'with the certificate of its authority' : '']
  const { tool, program, version, obstacle } = way
  if (program === null) return [tool, 'not installed', plain(obstacle?.hint ?? '')]
  if (obstacle !== null) return [tool, 'not ready', plain(`${obstacle.message} ${obstacle.hint}`)]
  return [tool, 'ready', plain(`${program}${version === null ? '' : ` (${version})`}`)]
}
