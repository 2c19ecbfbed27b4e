import type { Status } from '../../shared/contract.js'
import { plain, plainJson } from './escape.js'
import { withEngine } from './locate.js'
import { print } from './output.js'
import type { CommonOptions } from './program.js'

/** `portico lan on|off`: written into the config, so that it stays. */
export async function switchLan(enabled: boolean, options: CommonOptions): Promise<void> {
  const status = await withEngine(options, (engine) => engine.call('lan.set', { enabled }))
  if (!enabled) return print('The network is kept out: Portico answers this machine alone.')
  for (const line of lanLines(status)) print(line)
  print('Phones and others accept the certificates once they trust the CA: portico ca share')
}

/** `portico lan status` */
export async function lanStatus(options: CommonOptions & { json?: boolean }): Promise<void> {
  const { lan, status } = await withEngine(options, async (engine) => ({
    lan: (await engine.call('phones.status', {})).lan,
    status: await engine.call('status', {}),
  }))
  if (options.json === true) return print(plainJson({ ...lan, urls: lan.enabled ? lanUrls(status) : [] }))
  if (!lan.enabled) return print('The network is kept out. Let it in with: portico lan on')
  for (const line of lanLines(status)) print(line)
}

function lanLines(status: Status): string[] {
  const urls = lanUrls(status)
  if (status.listeners.length === 0) return ['LAN mode is on, but the gateway is off. Turn it on with: portico resume']
  if (urls.length === 0) return ['LAN mode is on. There is no app yet that the network could reach.']
  return ['The network reaches the apps at:', ...urls.map((url) => `  ${plain(url)}`)]
}

function lanUrls({ apps }: Status): string[] {
  return apps
    .filter(({ enabled }) => enabled)
    .flatMap(({ urls }) => urls)
    .filter((url) => new URL(url).hostname.endsWith('.local'))
}
